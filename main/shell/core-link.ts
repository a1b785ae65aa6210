import { applyChange } from '../../preload/contract/apply-change.ts';
import type { Snapshot } from '../../preload/contract/live.ts';
import type { Problem } from '../../preload/contract/problem.ts';
import type { CoreState } from '../../preload/contract/shell.ts';
import { type Client, type Connection, connectLocalSocket } from '../endpoints/client.ts';
import type { PortEnd } from '../endpoints/port-end.ts';
import { type CoreChild, type CoreEnd, endInTime } from './core-child.ts';
import { relayPort } from './port-relay.ts';
import type { ShellLog } from './shell-log.ts';
import { leftAlone, remedyFor } from './supervision.ts';

/** The shell's one line to the core: what is known of it, calls, and a line of its own for each window. */
export interface CoreLink {
  state(): CoreState;
  /** The last snapshot; undefined before the first. It says nothing about now unless the state is `running`. */
  snapshot(): Snapshot | undefined;
  /** The core's calls; undefined while it is not reached. */
  client(): Client | undefined;
  /** Calls back after the state or the snapshot changed. */
  subscribe(listener: () => void): () => void;
  /** Calls back each time the core was reached, the first time included: windows need a new line then, for the old ones are dead. */
  onReached(listener: () => void): () => void;
  /** Connects one end of a channel, whose other end a window has, with the core. Closed when that is lost; at once where it is not reached. */
  openPort(port: PortEnd): void;
  /** Tries again to start a core that was left alone. */
  retry(): void;
  /** Ends an own core in order (its jobs are asked to stop), or leaves a foreign one running. */
  close(): Promise<void>;
}

export interface CoreLinkOptions {
  /** The local socket of this user's core, and its log: the place that a Problem names. */
  readonly socket: string;
  readonly coreLog: string;
  /** Starts a core of this app's own. */
  readonly start: () => CoreChild;
  readonly log: ShellLog;
  readonly now?: () => number;
  /** How long a core may take to say that it serves, and to end after it was asked to, in ms. */
  readonly patience?: { readonly startMs: number; readonly endMs: number };
}

/** How long to wait before looking again for a core that is there but cannot be spoken to, in ms. */
const lookAgainMs = 200;
/** News closer together than this (ms) is told together. */
const togetherMs = 40;

/**
 * Comes to the core that listens already, or starts one, and stays with it: follows its snapshot, starts an own one again when it crashes
 * (`supervision.ts` says until when), looks for another when a foreign one ends.
 */
export function createCoreLink(options: CoreLinkOptions): CoreLink {
  const { socket, coreLog, start, log, now = Date.now, patience = { startMs: 30_000, endMs: 10_000 } } = options;
  let state: CoreState = { state: 'starting', own: false };
  let snapshot: Snapshot | undefined;
  let connection: Connection | undefined;
  let child: CoreChild | undefined;
  let crashes: number[] = [];
  let wake = (): void => {};
  let telling: ReturnType<typeof setTimeout> | undefined;
  const closing = new AbortController();
  const closed = new Promise<undefined>((resolve) => {
    closing.signal.addEventListener('abort', () => resolve(undefined));
  });
  const isClosed = (): boolean => closing.signal.aborted;
  const ports = new Set<() => void>();
  const listeners = new Set<() => void>();
  const reachedListeners = new Set<() => void>();

  function tell(): void {
    clearTimeout(telling);
    telling = undefined;
    for (const listener of listeners) listener();
  }
  function become(next: CoreState): void {
    if (isClosed()) return;
    state = next;
    tell();
  }
  /** Until the time is over, for ever where there is none, or until somebody wants it now. */
  function pause(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
  function losePorts(): void {
    for (const close of ports) close();
  }

  /** Holds the snapshot of a core until that is lost. */
  async function follow(reached: Connection, own: boolean): Promise<void> {
    connection = reached;
    reached.gone.catch(losePorts);
    try {
      for await (const each of await reached.client.live.watch(undefined, { signal: closing.signal })) {
        if (each.kind === 'snapshot') {
          const known = state.state === 'running';
          snapshot = each.snapshot;
          become({ state: 'running', own, version: snapshot.version });
          if (!known) for (const listener of reachedListeners) listener();
        } else if (snapshot) {
          snapshot = applyChange(snapshot, each);
          telling ??= setTimeout(tell, togetherMs);
        }
      }
    } catch {
      // A core that stands never ends this stream, so however it ended, the core is lost.
    } finally {
      connection = undefined;
      await reached.close();
      losePorts();
      if (state.state === 'running') become({ state: 'lost', own });
    }
  }

  /** Starts an own core and stays with it until it is gone. Returns how it ended, or the Problem that it could not start for. */
  async function live(): Promise<CoreEnd | Problem> {
    const own = start();
    child = own;
    become({ state: state.state, own: true });
    const late = setTimeout(() => own.kill(), patience.startMs);
    const said = await Promise.race([own.said, closed]);
    clearTimeout(late);
    let ended = false;
    void own.ended.then(() => (ended = true));
    while (said?.kind === 'serving' && !ended && !isClosed()) {
      const reached = await connectLocalSocket(socket);
      if (reached) await follow(reached, true);
      else break;
      await Promise.race([own.ended, pause(lookAgainMs)]);
    }
    const end = await endInTime(own, patience.endMs, log);
    child = undefined;
    return said?.kind === 'failed' ? said.problem : end;
  }

  /** What is done after an own core is gone; waits as long as that asks for. */
  async function recover(end: CoreEnd | Problem): Promise<void> {
    if ('code' in end && end.code === 'core-running') {
      become({ ...state, problem: end });
      return pause(lookAgainMs);
    }
    if ('code' in end) {
      log('error', 'The core did not start.', { code: end.code, problem: end.message });
      become({ state: 'stopped', own: true, problem: end });
      return pause();
    }
    log('error', 'The core ended by itself.', { how: end.how, lastLines: end.lastLines });
    crashes.push(now());
    const remedy = remedyFor(crashes, now());
    if (remedy.kind === 'restart') return pause(remedy.afterMs);
    become({ state: 'stopped', own: true, problem: leftAlone(end.how, end.lastLines, coreLog) });
    return pause();
  }

  async function run(): Promise<void> {
    while (!isClosed()) {
      const running = await connectLocalSocket(socket);
      if (running) {
        await follow(running, false);
        if (!isClosed()) await pause(lookAgainMs);
      } else if (!isClosed()) {
        const end = await live();
        if (!isClosed()) await recover(end);
      }
    }
  }
  const ran = run();

  return {
    state: () => state,
    snapshot: () => snapshot,
    client: () => (state.state === 'running' ? connection?.client : undefined),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onReached(listener) {
      reachedListeners.add(listener);
      return () => reachedListeners.delete(listener);
    },
    openPort(port) {
      if (state.state !== 'running') return port.close();
      if (child?.givePort) return child.givePort(port);
      const close = relayPort(port, socket, () => ports.delete(close));
      ports.add(close);
    },
    retry() {
      if (state.state !== 'stopped') return wake();
      crashes = [];
      become({ state: snapshot ? 'lost' : 'starting', own: true });
      wake();
    },
    async close() {
      closing.abort();
      clearTimeout(telling);
      losePorts();
      wake();
      await ran;
    },
  };
}
