import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { buildIfOld } from '../../main/endpoints/build-if-old.ts';
import { desktop, electronOf, opening, runDesktop, type Surroundings } from '../../main/start.ts';
import { problemOf } from '../../preload/contract/problem.ts';

const folder = mkdtempSync(join(tmpdir(), 'mirrorfleet-start-'));
const checkout = join(folder, 'checkout');

beforeEach(() => {
  rmSync(checkout, { recursive: true, force: true });
  mkdirSync(join(checkout, 'node_modules/electron/dist'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('npm start opens', () => {
  const everything: Surroundings = { platform: 'linux', uid: 1000, electron: '/e/electron', display: true };

  test('the desktop app where Electron and a display are there', () => {
    expect(opening(everything)).toEqual({ door: 'desktop', electron: '/e/electron' });
    expect(opening({ ...everything, platform: 'darwin', uid: 501, display: false }).door).toBe('desktop');
    expect(opening({ ...everything, platform: 'win32', uid: -1, display: false }).door).toBe('desktop');
  });

  test.each([
    ["Electron's runtime is not here", { electron: undefined }],
    ['there is no display', { display: false }],
    ['its sandbox is not for root', { uid: 0 }],
  ])('the pages in a browser because %s, and says so in one line', (because, missing) => {
    const chosen = opening({ ...everything, ...missing });
    expect(chosen).toEqual({ door: 'browser', because: expect.stringContaining(because) as string });
    expect(JSON.stringify(chosen)).not.toContain('\\n');
  });
});

describe("Electron's program", () => {
  test('is where its package unpacked it, and nothing where it did not', () => {
    expect(electronOf(checkout, undefined)).toBeUndefined();
    writeFileSync(join(checkout, 'node_modules/electron/path.txt'), 'electron');
    expect(electronOf(checkout, undefined)).toBeUndefined();
    const program = join(checkout, 'node_modules/electron/dist/electron');
    writeFileSync(program, '');
    expect(electronOf(checkout, undefined)).toBe(program);
  });

  test('may be another one that is named, where that exists', () => {
    const other = join(folder, 'other');
    expect(electronOf(checkout, other)).toBeUndefined();
    writeFileSync(other, '');
    expect(electronOf(checkout, other)).toBe(other);
  });

  test('is given the checkout, the words of the command line and a core from its sources; its end is the end', async () => {
    const said = join(folder, 'said.json');
    const program = join(folder, 'electron');
    writeFileSync(
      program,
      `#!${process.execPath}\nconst { MIRRORFLEET_NODE: node, MIRRORFLEET_CORE: core } = process.env;
       require('node:fs').writeFileSync('${said}', JSON.stringify({ args: process.argv.slice(2), node, core })); process.exit(7);`,
    );
    chmodSync(program, 0o755);
    expect(await runDesktop(program, checkout, ['--hidden'])).toBe(7);
    expect(JSON.parse(readFileSync(said, 'utf8'))).toEqual({
      args: [checkout, '--hidden'],
      node: process.execPath,
      core: join(checkout, 'main/core-process.ts'),
    });
  });
});

describe('what a checkout shows is built', () => {
  const build = {
    makes: ['out/made'],
    sources: ['source'],
    steps: [
      ['step.cjs', 'first'],
      ['step.cjs', 'second'],
    ],
    problem: { code: 'not-built', message: 'It could not be built.', hint: 'See why.', retryable: false },
  };
  const runs = (): string => readFileSync(join(checkout, 'out/made'), 'utf8');

  beforeEach(() => {
    mkdirSync(join(checkout, 'source'));
    mkdirSync(join(checkout, 'out'));
    writeFileSync(join(checkout, 'source/a.ts'), 'a');
    writeFileSync(join(checkout, 'step.cjs'), "require('node:fs').appendFileSync('out/made', process.argv[2] + ' ');");
  });

  test('where it is missing or older than a source, and not again', async () => {
    await buildIfOld(build, checkout);
    await buildIfOld(build, checkout);
    expect(runs()).toBe('first second ');
    const later = Date.now() / 1000 + 60;
    utimesSync(join(checkout, 'source/a.ts'), later, later);
    await buildIfOld(build, checkout);
    expect(runs()).toBe('first second first second ');
  });

  test('or said not to be, with what the build said', async () => {
    writeFileSync(join(checkout, 'step.cjs'), "console.error('no such thing'); process.exit(3);");
    const problem = await buildIfOld(build, checkout).catch(problemOf);
    expect(problem).toMatchObject({ code: 'not-built', detail: { output: 'no such thing' } });
  });
});

test('a desktop app that cannot be built is told with what the build said', async () => {
  const problem = await buildIfOld(desktop, checkout).catch(problemOf);
  expect(problem).toMatchObject({ code: 'desktop-not-built', detail: { output: expect.stringContaining('vite') } });
});
