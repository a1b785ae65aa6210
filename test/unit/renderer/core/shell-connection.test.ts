import { implement } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { afterEach, expect, test } from 'vitest';
import { contract } from '../../../../preload/contract/contract.ts';
import type { Snapshot } from '../../../../preload/contract/live.ts';
import { shellChannels } from '../../../../preload/contract/shell-channels.ts';
import type { CoreState, ShellState } from '../../../../preload/contract/shell.ts';
import { followCore } from '../../../../renderer/core/live.ts';
import { problemOf } from '../../../../renderer/core/problems.ts';
import { openShellConnection } from '../../../../renderer/core/shell-connection.ts';

const snapshot = (version: string): Snapshot => ({ version, nodes: [], runtimes: [], tasks: [] });
const forever = new Promise<never>(() => {});

/** Ports would keep the run alive. */
const opened: MessagePort[] = [];
afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

/** A core that serves a port, tells its version, and hangs when it is asked for settings. */
function serve(version: string): { readonly page: MessagePort; readonly core: MessagePort } {
  const os = implement(contract);
  const handler = new RPCHandler({
    live: {
      snapshot: os.live.snapshot.handler(() => snapshot(version)),
      watch: os.live.watch.handler(async function* () {
        yield { kind: 'snapshot' as const, snapshot: snapshot(version) };
        await forever;
      }),
    },
    settings: { get: os.settings.get.handler(() => forever) },
  });
  const { port1, port2 } = new MessageChannel();
  handler.upgrade(port2);
  port2.start();
  opened.push(port1, port2);
  return { page: port1, core: port2 };
}

/** A port of older Chromium: it tells nobody of its end. */
function silent(port: MessagePort): MessagePort {
  const quiet = new EventTarget();
  port.addEventListener('message', ({ data }) => {
    quiet.dispatchEvent(Object.assign(new Event('message'), { data: data as unknown }));
  });
  return Object.assign(quiet, {
    postMessage: (message: unknown) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
  }) as unknown as MessagePort;
}

/** A window with its shell: `say` is the shell's word on the core, `give` hands over a port. */
function desk(first: CoreState['state']) {
  const page = new EventTarget();
  const listeners = new Set<() => void>();
  let state = { core: { state: first, own: true } } as ShellState;
  let asked = 0;
  const give = (port: MessagePort, message: object = {}): void => {
    const event = Object.assign(new Event('message'), {
      data: shellChannels.port,
      source: page,
      ports: [port],
      ...message,
    });
    page.dispatchEvent(event);
  };
  const connection = openShellConnection(page, {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    askForLine: () => (asked += 1),
  });
  return {
    connection,
    give,
    asked: () => asked,
    say: (next: CoreState['state']): void => {
      state = { ...state, core: { state: next, own: true } };
      for (const listener of listeners) listener();
    },
  };
}

/** What a promise came to by now, without waiting for it. */
async function outcome(promise: Promise<unknown>): Promise<string> {
  const later = new Promise<string>((resolve) => setTimeout(() => resolve('waits'), 20));
  return Promise.race([
    promise.then(
      () => 'resolved',
      (error: unknown) => problemOf(error).code,
    ),
    later,
  ]);
}

test('a line is asked for once, and calls go over the port that the shell hands over', async () => {
  const { connection, give, asked } = desk('running');
  expect(asked()).toBe(1);
  expect(await outcome(connection.opened())).toBe('waits');
  give(serve('1').page);
  await connection.opened();
  expect((await connection.client.live.snapshot()).version).toBe('1');
  expect(asked()).toBe(1);
});

test('a port is open only while the shell says that the core is reached', async () => {
  const { connection, give, say } = desk('starting');
  give(serve('1').page);
  const ready = connection.opened();
  expect(await outcome(ready)).toBe('waits');
  say('running');
  await ready;
  expect((await connection.client.live.snapshot()).version).toBe('1');
});

test('what a page asks before its first line waits for it, and is refused where the core cannot be started', async () => {
  const { connection, give, say } = desk('starting');
  const early = connection.client.live.snapshot();
  expect(await outcome(early)).toBe('waits');
  say('running');
  give(serve('1').page);
  expect((await early).version).toBe('1');

  const never = desk('starting');
  const asked = never.connection.client.live.snapshot();
  never.say('stopped');
  expect(await outcome(asked)).toBe('core-gone');
});

test('a port that another window, or anybody with another word, sends is not taken', async () => {
  const { connection, give } = desk('running');
  give(serve('x').page, { source: null });
  give(serve('x').page, { data: 'hello' });
  expect(await outcome(connection.opened())).toBe('waits');
});

test('a new port replaces the one before: calls under way on that one reject at once, the next ones are answered', async () => {
  const { connection, give } = desk('running');
  give(serve('1').page);
  const hanging = connection.client.settings.get();
  expect(await outcome(hanging)).toBe('waits');
  give(serve('2').page);
  expect(await outcome(hanging)).toBe('core-gone');
  expect((await connection.client.live.snapshot()).version).toBe('2');
});

test.each(['lost', 'stopped'] as const)(
  'a core that is %s rejects what is under way and what is asked meanwhile',
  async (away) => {
    const { connection, give, say } = desk('running');
    give(serve('1').page);
    const hanging = connection.client.settings.get();
    expect(await outcome(hanging)).toBe('waits');
    say(away);
    expect(await outcome(hanging)).toBe('core-gone');
    expect(await outcome(connection.client.live.snapshot())).toBe('core-gone');
    expect(await outcome(connection.opened())).toBe('waits');
  },
);

test('where no port tells of its end, calls under way reject at once too', async () => {
  const { connection, give, say } = desk('running');
  give(silent(serve('1').page));
  const first = connection.client.settings.get();
  expect(await outcome(first)).toBe('waits');
  give(silent(serve('2').page));
  expect(await outcome(first)).toBe('core-gone');
  expect((await connection.client.live.snapshot()).version).toBe('2');
  const second = connection.client.settings.get();
  expect(await outcome(second)).toBe('waits');
  say('lost');
  expect(await outcome(second)).toBe('core-gone');
});

test('a port whose other side was closed is no line any more', async () => {
  const { connection, give } = desk('running');
  const line = serve('1');
  give(line.page);
  const hanging = connection.client.settings.get();
  expect(await outcome(hanging)).toBe('waits');
  line.core.close();
  await expect.poll(() => outcome(hanging)).toBe('core-gone');
  expect(await outcome(connection.client.live.snapshot())).toBe('core-gone');
  expect(await outcome(connection.opened())).toBe('waits');
});

test('the pages are lost while the core is away, keep what they knew, and are open again with the next port', async () => {
  const { connection, give, say } = desk('running');
  const live = followCore(connection);
  give(serve('1').page);
  await expect.poll(() => live.state()).toBe('open');
  say('lost');
  await expect.poll(() => live.state()).toBe('lost');
  expect(live.snapshot()?.version).toBe('1');
  say('running');
  give(serve('2').page);
  await expect.poll(() => live.state()).toBe('open');
  expect(live.snapshot()?.version).toBe('2');
  live.close();
});

test('a page that leaves rejects what is under way and takes no more ports', async () => {
  const { connection, give } = desk('running');
  give(serve('1').page);
  const hanging = connection.client.settings.get();
  expect(await outcome(hanging)).toBe('waits');
  connection.close();
  expect(await outcome(hanging)).toBe('core-gone');
  give(serve('2').page);
  expect(await outcome(connection.client.live.snapshot())).toBe('core-gone');
});
