import { execFileSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, type Server, Socket, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectSsh, lookAtHostKey } from '../../main/hosts/ssh-host.ts';
import { silentLog } from '../../main/log/log.ts';
import type { SshTarget } from '../../preload/contract/node.ts';
import { problemOf } from '../../preload/contract/problem.ts';

let folder: string;
let knownHosts: string;
let configFile: string;
let server: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mirrorfleet-hangup-'));
  knownHosts = join(folder, 'known_hosts');
  // Reading it takes until somebody writes: that holds the client between its connection and its handshake.
  execFileSync('mkfifo', [knownHosts]);
  configFile = join(folder, 'ssh_config');
  writeFileSync(
    configFile,
    `Host *\n  UserKnownHostsFile ${knownHosts}\n  GlobalKnownHostsFile /dev/null\n  IdentityAgent none\n  IdentityFile ${folder}/nothing\n`,
  );
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The next TCP connection that this process makes. */
function nextSocket(): Promise<Socket> {
  return new Promise((resolve) => {
    const heard = (message: unknown): void => {
      if (typeof message !== 'object' || message === null || !('socket' in message)) return;
      if (!(message.socket instanceof Socket)) return;
      unsubscribe('net.client.socket', heard);
      resolve(message.socket);
    };
    subscribe('net.client.socket', heard);
  });
}

const common = { secrets: {}, hostKeys: { pinned: () => [] }, log: silentLog };

test.each([
  ['logs in', (target: SshTarget) => connectSsh({ ...common, name: 'tokyo', target, settings: { configFile } })],
  ['looks at its key', (target: SshTarget) => lookAtHostKey(target, { ...common, settings: { configFile } })],
])('a server that resets the connection before anyone %s is unreachable, and the core goes on', async (_, reach) => {
  const { port } = server.address() as AddressInfo;
  const dialled = nextSocket();
  const accepted = once(server, 'connection');
  const reached = reach({ destination: 'root@127.0.0.1', port }).then(
    () => undefined,
    (error: unknown) => problemOf(error),
  );
  const socket = await dialled;
  await once(socket, 'connect');
  const [serverSide] = (await accepted) as [Socket];
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  serverSide.resetAndDestroy();
  await closed;
  writeFileSync(knownHosts, '');
  // The reset itself is the cause that is told, not a handshake that was waited for in vain.
  expect(await reached).toMatchObject({ code: 'host-unreachable', retryable: true, detail: { cause: 'ECONNRESET' } });
});
