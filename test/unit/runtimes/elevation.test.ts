import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startHelper } from '../../../main/runtimes/elevation.ts';

const folder = mkdtempSync(join(tmpdir(), 'elevation-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A helper that answers what it is told at once, but for a pull, which hangs until it is cancelled. */
const helper = join(folder, 'helper.mjs');
writeFileSync(
  helper,
  `import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const say = (answer) => process.stdout.write(JSON.stringify(answer) + '\\n');
createInterface({ input: process.stdin }).on('line', (line) => {
  const { verb } = JSON.parse(line);
  if (verb === 'cancel') say({ ok: false, problem: { code: 'proof-pull-failed', message: 'm', hint: 'h', retryable: false } });
  else if (verb === 'cri-pull') writeFileSync(import.meta.filename + '.pulling', '');
  else say({ ok: true, verb });
});
`,
);
const root = { uid: 0, passwordKnown: false, terminal: false, session: false };
const start = () => startHelper(undefined, { node: process.execPath, helper }, root);

test('a pull that hangs ends when it is cancelled, and the helper answers the next request', async () => {
  const line = await start();
  const abort = new AbortController();
  const pull = line.ask({ verb: 'cri-pull' }, abort.signal);
  await expect.poll(() => existsSync(`${helper}.pulling`)).toBe(true);
  abort.abort();
  await expect(pull).rejects.toMatchObject({ problem: { code: 'proof-pull-failed' } });
  expect(await line.ask({ verb: 'forget' }, abort.signal).catch(() => 'not asked')).toBe('not asked');
  expect(await line.ask({ verb: 'rollback' })).toEqual({ ok: true, verb: 'rollback' });
  await line.close();
});

test('a signal that ends after the answer cancels nothing', async () => {
  const line = await start();
  const abort = new AbortController();
  expect(await line.ask({ verb: 'status' }, abort.signal)).toEqual({ ok: true, verb: 'status' });
  abort.abort();
  expect(await line.ask({ verb: 'rollback' })).toEqual({ ok: true, verb: 'rollback' });
  await line.close();
});
