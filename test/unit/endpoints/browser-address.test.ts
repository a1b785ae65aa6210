import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reachCore } from '../../../main/core.ts';
import { askForAddress } from '../../../main/endpoints/browser-address.ts';
import { buildPagesIfOld } from '../../../main/endpoints/build-pages.ts';
import { takeInstanceLock } from '../../../main/store/instance-lock.ts';
import { pathsOf } from '../../../main/store/paths.ts';
import { problemOf } from '../../../preload/contract/problem.ts';

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'address-'));
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((done) => (server === undefined ? done(undefined) : server.close(done)));
  server = undefined;
  rmSync(folder, { recursive: true });
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing',
    (error: unknown) => problemOf(error).code,
  );

async function core(answer: RequestListener): Promise<string> {
  const path = join(folder, 'core.sock');
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  return path;
}

test.each<[string, RequestListener, string]>([
  ['knows no such address', (_, response) => response.writeHead(404).end(), 'core-older'],
  ['says something else', (_, response) => response.end('<html>'), 'core-older'],
  ['says JSON of another kind', (_, response) => response.end('[1]'), 'core-older'],
  ['says nothing', (_, response) => response.end(), 'core-older'],
  ['never stops talking', (_, response) => response.end('"'.repeat(1 << 20)), 'core-older'],
  ['ends before it answers', (request) => request.socket.destroy(), 'core-gone'],
  [
    'ends in the middle of its answer',
    (request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"address":', () => request.socket.destroy());
    },
    'core-gone',
  ],
])('a core that %s gives no address', async (_, answer, code) => {
  expect(await codeOf(askForAddress(await core(answer)))).toBe(code);
});

test('where no core listens, it is said so', async () => {
  expect(await codeOf(askForAddress(join(folder, 'nobody.sock')))).toBe('core-gone');
});

test('a command waits for the core of another one, and not for ever', async () => {
  const paths = pathsOf({ MIRRORFLEET_HOME: folder }, 'linux', folder);
  const release = takeInstanceLock(paths.data);
  expect(await codeOf(reachCore(paths, false, 120))).toBe('core-busy');
  release?.();
});

test('pages that cannot be built are told with what the build said', async () => {
  mkdirSync(join(folder, 'renderer'));
  writeFileSync(join(folder, 'renderer/index.html'), '');
  const problem = await buildPagesIfOld(folder).catch((error: unknown) => problemOf(error));
  expect(problem).toMatchObject({ code: 'pages-not-built', detail: { output: expect.stringContaining('vite') } });
});

test('what nobody expected is a fault of ours, and said to be one', () => {
  expect(problemOf(new TypeError('x is not a function'))).toMatchObject({ code: 'internal-error' });
});
