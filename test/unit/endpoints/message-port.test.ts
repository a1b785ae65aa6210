import type { MessagePort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Api, type Services } from '../../../main/api.ts';
import { type Client, problemIn } from '../../../main/endpoints/client.ts';
import { createPortServer, type PortServer } from '../../../main/endpoints/message-port.ts';
import { largestMessage } from '../../../main/endpoints/message-size.ts';
import { createRouter } from '../../../main/endpoints/router.ts';
import { LiveState } from '../../../main/live-state.ts';
import { createLog } from '../../../main/log/log.ts';
import { fail } from '../../../preload/contract/problem.ts';
import { closed, portPair } from '../port-pair.ts';

let live: LiveState;
let lines: string[];
let server: PortServer;
let watchers: number;

beforeEach(() => {
  live = new LiveState('1', 'dev@laptop');
  lines = [];
  watchers = 0;
  const api = new Api({ live } as Services);
  const subscribe = api.subscribe.bind(api);
  api.subscribe = (listener) => {
    const stop = subscribe(listener);
    watchers += 1;
    return () => {
      watchers -= 1;
      stop();
    };
  };
  api.showNode = () => fail({ code: 'node-unknown', message: 'There is no such node.', hint: 'List them.' });
  const log = createLog('endpoints', (line) => lines.push(line));
  server = createPortServer(createRouter(api, log), log);
});
afterEach(() => server.close());

function connected(): { page: MessagePort; client: Client } {
  const { page, shell } = portPair();
  server.serve(shell);
  const client: Client = createORPCClient(new RPCLink({ port: page }));
  page.start();
  return { page, client };
}

test('a call over a port is answered', async () => {
  const { client } = connected();
  expect(await client.live.snapshot()).toEqual(live.snapshot);
});

test('what does not fit the contract is refused before it reaches the core', async () => {
  const { client } = connected();
  const error = await client.node.show({ name: 5 as never }).catch((thrown: unknown) => thrown);
  expect(problemIn(error)).toMatchObject({ code: 'input-invalid' });
});

test('a Problem crosses as what it is', async () => {
  const { client } = connected();
  const error = await client.node.show({ name: 'tokyo' }).catch((thrown: unknown) => thrown);
  expect(problemIn(error)).toEqual({
    code: 'node-unknown',
    message: 'There is no such node.',
    hint: 'List them.',
    retryable: false,
  });
});

test('changes come as they happen, and the core stops following when the port closes', async () => {
  const { page, client } = connected();
  const news = await client.live.watch();
  expect(await news.next()).toMatchObject({ value: { kind: 'snapshot' } });
  expect(watchers).toBe(1);
  live.apply({ kind: 'node-removed', name: 'tokyo' });
  expect(await news.next()).toMatchObject({ value: { kind: 'node-removed', name: 'tokyo' } });
  page.close();
  await expect.poll(() => watchers).toBe(0);
});

test('closing the endpoint closes every port', async () => {
  const pages = [connected(), connected()];
  const ends = Promise.all(pages.map(({ page }) => closed(page)));
  server.close();
  await ends;
});

test.each([
  ['an object', { i: '1', p: { u: '/live/snapshot' } }],
  ['nothing', undefined],
  ['more than a call ever is', 'x'.repeat(largestMessage + 1)],
])('a port on which comes %s is closed, and the log says so', async (_what, message) => {
  const { page } = connected();
  const end = closed(page);
  page.postMessage(message);
  await end;
  expect(lines.join()).toContain('its line was closed');
});

test('text that is no call harms nobody: the port goes on', async () => {
  const said = vi.spyOn(console, 'error').mockReturnValue();
  const { page, client } = connected();
  for (const text of ['', '{', '{"i":"1"}', 'null']) page.postMessage(text);
  expect(await client.live.snapshot()).toEqual(live.snapshot);
  expect(said).toHaveBeenCalledTimes(4);
  said.mockRestore();
});
