import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failuresOf, reportSchema } from '../failures.ts';

const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'failures-')));
});
afterAll(() => rmSync(root, { recursive: true }));

/** Runs these files by the real vitest, and reads its report as a whole run does. */
function run(files: Readonly<Record<string, string>>): readonly string[] {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const report = join(root, 'report.json');
  const argv = [vitest, 'run', '--root', root, '--globals', '--reporter=json', `--outputFile.json=${report}`];
  spawnSync(process.execPath, argv, { env: { ...process.env, FORCE_COLOR: '1' } });
  return failuresOf(reportSchema.parse(JSON.parse(readFileSync(report, 'utf8'))), root);
}

test('a run’s end names each test that failed, with what it said, and each file that could not run, and nothing of the rest', () => {
  const failures = run({
    'a.test.js': `test('is fine', () => {});
      describe('a node', () => test('is up', () => { expect({ up: false }).toEqual({ up: true }); }));`,
    'b.test.js': `beforeAll(() => { throw new Error('no lab'); });
      test('is never reached', () => {});`,
    'c.test.js': `test('says much', () => { throw new Error(Array.from({ length: 50 }, (_, line) => 'line ' + line).join('\\n')); });`,
  });
  const heads = failures.filter((line) => !line.startsWith('    '));
  expect(heads).toEqual(['✕ a.test.js > a node > is up', '✕ b.test.js', '✕ c.test.js > says much']);
  expect(failures.join('\n')).toContain('    AssertionError: expected { up: false } to deeply equal { up: true }');
  expect(failures.join('\n')).toMatch(/✕ b\.test\.js\n {4}.*no lab/);
  expect(failures).toContain('    line 13');
  expect(failures).not.toContain('    line 14');
  expect(failures.at(-1)).toMatch(/^ {4}… \d+ lines more$/);
  expect(failures.join('\n')).not.toContain('\u001B');
  // Where it was, and not the way there through the runner.
  expect(failures.join('\n')).toContain('a.test.js:2:');
  expect(failures.join('\n')).not.toContain('/node_modules/vitest/');
}, 60_000);
