import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { catalogue, type MachineName } from './catalogue.ts';
import type { LabState } from './lab-state.ts';
import { machinePid } from './machine-boot.ts';

/**
 * Makes a port of a machine's own loopback reachable at the same port of this computer's loopback, so that this computer's browser sees
 * what the machine's would: same address, same origin. A network namespace is crossed by a socket file, because those are found by folder
 * and not by network. Gives the port (any free one) and the function that ends it.
 */
export async function shareLoopback(state: LabState, name: MachineName): Promise<{ port: number; close(): void }> {
  const server = createServer((outside) => {
    const inside = connect(socketFile);
    outside.pipe(inside).pipe(outside);
    outside.on('error', () => inside.destroy());
    inside.on('error', () => outside.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  const port = typeof at === 'object' && at !== null ? at.port : 0;
  const socketFile = join(state.dir, `loopback-${port}.sock`);
  const relay = spawn(
    'setpriv',
    [
      '--pdeathsig=KILL',
      'nsenter',
      '--target',
      String(machinePid(state, catalogue[name])),
      '--net',
      process.execPath,
      join(import.meta.dirname, 'loopback-relay.ts'),
      socketFile,
      String(port),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await Promise.race([
    once(relay.stdout, 'data'),
    once(relay, 'close').then(() => Promise.reject(new Error(`${name}'s loopback cannot be reached`))),
  ]);
  return {
    port,
    close() {
      relay.kill('SIGKILL');
      server.close();
    },
  };
}
