import { appendFileSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { fail } from '../preload/contract/problem.ts';
import { createApp } from './app.ts';
import { type Connection, connectInProcess, connectLocalSocket } from './endpoints/client.ts';
import { serveLocalSocket } from './endpoints/local-socket.ts';
import { createRouter } from './endpoints/router.ts';
import { createLog, type LogSink } from './log/log.ts';
import { takeInstanceLock } from './store/instance-lock.ts';
import { type Paths, pathsOf } from './store/paths.ts';

/** This user's places on this computer. */
export function ownPaths(): Paths {
  return pathsOf(process.env, process.platform, homedir());
}

/**
 * Starts the core in this process: takes the instance lock, builds every service and, when `listen` is set, serves the local socket and
 * keeps watching the fleet. Throws `core-running` while another core of this user runs.
 */
export async function startCore(paths: Paths, listen: boolean): Promise<Connection> {
  const release =
    takeInstanceLock(paths.data) ??
    fail({
      code: 'core-running',
      message: 'Another Mirrorfleet of yours is running but does not answer yet.',
      hint: 'Wait a moment and try again; if it lasts, end the other one.',
      retryable: true,
    });
  trustSystem();
  const sink = fileSink(paths.log);
  const app = createApp({ paths, sink, watch: listen });
  const router = createRouter(app.api);
  const stopServing = listen ? await serveLocalSocket(paths.socket, router, createLog('endpoints', sink)) : undefined;
  return {
    ...connectInProcess(router),
    async close() {
      await stopServing?.();
      await app.close();
      release();
    },
  };
}

/** The running core's calls, or a core of this process where none runs: how every command reaches its work. */
export async function reachCore(paths: Paths): Promise<Connection> {
  const running = await connectLocalSocket(paths.socket);
  if (running) return { client: running.client, close: async () => running.close() };
  return startCore(paths, false);
}

function fileSink(folder: string): LogSink {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'core.log');
  return (line) => appendFileSync(file, `${line}\n`, { mode: 0o600 });
}

/** Node brings its own list of public authorities; what this computer trusts besides (a company's proxy) is trusted here too. */
function trustSystem(): void {
  setDefaultCACertificates([...new Set([...getCACertificates('default'), ...getCACertificates('system')])]);
}
