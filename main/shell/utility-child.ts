import { type MessagePortMain, utilityProcess } from 'electron';
import type { PortEnd } from '../endpoints/port-end.ts';
import { type CoreChild, type CoreEnd, type CoreSaid, readSaid } from './core-child.ts';
import { LastLines } from './last-lines.ts';

/** Something that the core started may hold its standard error open; nobody waits longer for that (ms). */
const lastWordsMs = 300;

/** Starts the core as Electron's utility process: no second program on the computer, and windows' ports go to it without a detour. */
export function startUtility(module: string): CoreChild {
  const child = utilityProcess.fork(module, [], {
    serviceName: 'Mirrorfleet core',
    stdio: ['ignore', 'ignore', 'pipe'],
    execArgv: ['--max-semi-space-size=4'],
  });
  const lines = new LastLines();
  child.stderr?.on('data', (chunk: Buffer) => lines.add(chunk.toString()));
  const ended = new Promise<CoreEnd>((resolve) => {
    child.once('exit', (code) => {
      const over = (): void => resolve({ how: `exit ${code}`, lastLines: lines.all() });
      // Its last words come after it.
      child.stderr?.once('end', over);
      setTimeout(over, lastWordsMs);
    });
  });
  const said = new Promise<CoreSaid | undefined>((resolve) => {
    child.on('message', (message: unknown) => resolve(readSaid(message)));
    void ended.then(() => resolve(undefined));
  });
  return {
    said,
    ended,
    // Every port of this app is Electron's own; nothing else can be transferred.
    givePort: (port: PortEnd) => child.postMessage({ kind: 'port' }, [port as MessagePortMain]),
    end: () => child.postMessage({ kind: 'end' }),
    kill: () => void (child.pid !== undefined && process.kill(child.pid, 'SIGKILL')),
  };
}
