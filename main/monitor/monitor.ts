import type { Change } from '../../preload/contract/live.ts';
import type { ProbeResult } from '../fleet/node-status.ts';
import type { Log } from '../log/log.ts';
import type { History } from '../store/history.ts';
import { type Ask, Questions } from './ask.ts';
import { Batch } from './batch.ts';
import { type ReadCertificateDays, edgeCertificateDays } from './edge-certificate.ts';
import { sampleOf } from './mirror-record.ts';
import { NodeWatch } from './node-watch.ts';
import { Probes } from './probe.ts';
import { type Clock, type RoundOutcome, Schedule, systemClock } from './schedule.ts';
import { Waking } from './waking.ts';
import type { WatchedNode } from './watched-node.ts';

export interface MonitorOptions {
  /** The nodes to watch, as they are now. Asked whenever a round begins and at {@link Monitor.sync}. */
  readonly nodes: () => readonly WatchedNode[];
  /** Hears node views, each at most four times a second. */
  readonly publish: (change: Change) => void;
  readonly history: History;
  readonly log: Log;
  /** How to ask; over its own connections unless said. */
  readonly ask?: Ask;
  readonly readCertificateDays?: ReadCertificateDays;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** How often cached images are asked for, and how often upstreams, in ms. */
  readonly intervalMs?: number;
  readonly upstreamIntervalMs?: number;
  /** The networks this computer is in, as one text that is another in another network; read from the system unless said. */
  readonly networks?: () => string;
}

const defaultIntervalMs = 30_000;
const defaultUpstreamIntervalMs = 120_000;
/** After sleep or a move every node has its round within so many ms. */
const wakeWithinMs = 2_000;
const retentionMs = 60 * 60_000;

/** In history, direct probes belong to no node. */
const noNode = '';

/**
 * Keeps watch over all nodes: each on a schedule of its own, so that one that hangs delays no other; every upstream straight from this
 * computer once, whichever nodes mirror it. What it finds goes to history and, as node views, to `publish`.
 */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #clock: Clock;
  #upstreamIntervalMs: number;
  readonly #questions = new Questions();
  readonly #probes: Probes;
  readonly #rounds: Schedule;
  readonly #directRounds: Schedule;
  readonly #batch: Batch<string>;
  readonly #watches = new Map<string, NodeWatch>();
  readonly #direct = new Map<string, ProbeResult>();
  readonly #waking: Waking;
  #cancelRetention = (): void => {};
  #running = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#upstreamIntervalMs = options.upstreamIntervalMs ?? defaultUpstreamIntervalMs;
    this.#probes = new Probes({ ask: options.ask ?? this.#questions.ask, now: () => this.#clock.now() });
    this.#batch = new Batch(this.#clock, (names) => this.#publish(names));
    const schedule = (intervalMs: number, round: (name: string, signal: AbortSignal) => Promise<RoundOutcome>) =>
      new Schedule({
        clock: this.#clock,
        random: options.random ?? Math.random,
        intervalMs,
        round,
        onError: (name, error) =>
          options.log.error('A round of probes ended in an error.', { name, error: String(error) }),
      });
    this.#rounds = schedule(options.intervalMs ?? defaultIntervalMs, (name, signal) => this.#round(name, signal));
    this.#waking = new Waking({
      clock: this.#clock,
      onWake: () => this.#wake(),
      ...(options.networks && { networks: options.networks }),
    });
    this.#directRounds = schedule(this.#upstreamIntervalMs, (upstream, signal) => this.#directRound(upstream, signal));
  }

  /** Begins to watch; the first views are published at once, as unknown. Starting again does no more than {@link sync}. */
  start(): void {
    if (!this.#running) {
      this.#retainLater();
      this.#waking.start();
    }
    this.#running = true;
    this.sync();
  }

  /**
   * Follows the list of nodes: call it after one was added, applied for the first time, changed or removed. Before {@link start} it only
   * publishes which nodes there are, and asks none.
   */
  sync(): void {
    const nodes = this.#options.nodes();
    for (const name of this.#watches.keys()) {
      if (nodes.some((node) => node.spec.name === name)) continue;
      this.#watches.delete(name);
      this.#batch.drop(name);
    }
    const applied = nodes.filter((node) => node.applied);
    for (const node of nodes) this.#batch.put(node.spec.name, node.spec.name);
    if (!this.#running) {
      this.#batch.flush();
      return;
    }
    this.#rounds.keep(applied.map((node) => node.spec.name));
    this.#directRounds.keep(applied.flatMap((node) => node.spec.upstreams));
  }

  /** Asks one node, or all, now; answers when the results were published. */
  async refresh(name?: string): Promise<void> {
    this.sync();
    const nodes = this.#options.nodes().filter((node) => name === undefined || node.spec.name === name);
    for (const node of nodes) this.#watch(node.spec.name).force();
    await Promise.all([
      ...nodes.map((node) => this.#rounds.runNow(node.spec.name)),
      ...nodes.flatMap((node) => node.spec.upstreams.map((upstream) => this.#directRounds.runNow(upstream))),
    ]);
    this.#batch.flush();
  }

  /** A node was applied or pruned: what was known of its cache is forgotten before it is asked again. */
  async nodeChanged(name: string): Promise<void> {
    this.#watches.get(name)?.changed();
    await this.refresh(name);
  }

  /** Another pace, taken over at once. Nobody is asked because of it. */
  setPace({ intervalMs, upstreamIntervalMs }: { intervalMs: number; upstreamIntervalMs: number }): void {
    this.#upstreamIntervalMs = upstreamIntervalMs;
    this.#rounds.setInterval(intervalMs);
    this.#directRounds.setInterval(upstreamIntervalMs);
    for (const node of this.#options.nodes()) this.#batch.put(node.spec.name, node.spec.name);
  }

  /** Ends all rounds; answers when the last one let go. Views that waited are published, history is written. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelRetention();
    this.#waking.stop();
    await Promise.all([this.#rounds.stop(), this.#directRounds.stop()]);
    this.#questions.close();
    this.#batch.flush();
    this.#options.history.flush();
  }

  async #round(name: string, signal: AbortSignal): Promise<RoundOutcome> {
    const node = this.#node(name);
    return node ? this.#watch(name).round(node, signal) : 'ok';
  }

  async #directRound(upstream: string, signal: AbortSignal): Promise<RoundOutcome> {
    const result = await this.#probes.direct(upstream, signal);
    if (signal.aborted) return 'failed';
    if (!result) return 'ok';
    this.#direct.set(upstream, result);
    const sample = sampleOf({ node: noNode, upstream }, 'direct', result);
    if (sample) this.#options.history.add([sample]);
    for (const node of this.#options.nodes()) {
      if (node.spec.upstreams.includes(upstream)) this.#batch.put(node.spec.name, node.spec.name);
    }
    return result.kind === 'failed' ? 'failed' : 'ok';
  }

  #node(name: string): WatchedNode | undefined {
    return this.#options.nodes().find((node) => node.spec.name === name);
  }

  #watch(name: string): NodeWatch {
    let watch = this.#watches.get(name);
    if (!watch) {
      const upstreamIntervalMs = (): number => this.#upstreamIntervalMs;
      watch = new NodeWatch(name, {
        probes: this.#probes,
        readCertificateDays: this.#options.readCertificateDays ?? edgeCertificateDays,
        history: this.#options.history,
        clock: this.#clock,
        get upstreamIntervalMs() {
          return upstreamIntervalMs();
        },
        direct: (upstream) => this.#direct.get(upstream),
        onNews: () => this.#batch.put(name, name),
      });
      this.#watches.set(name, watch);
    }
    return watch;
  }

  /** Connections of before are dead or lead elsewhere, and so do answers of before. */
  #wake(): void {
    this.#options.log.info('This computer slept or changed its network; everything is asked again.');
    this.#questions.close();
    for (const watch of this.#watches.values()) watch.woke();
    this.#rounds.wake(wakeWithinMs);
    this.#directRounds.wake(wakeWithinMs);
  }

  #publish(names: readonly string[]): void {
    const nodes = new Map(this.#options.nodes().map((node) => [node.spec.name, node]));
    for (const name of names) {
      const node = nodes.get(name);
      if (!node) continue;
      const view = this.#watch(name).view(node, this.#rounds.delayOf(name));
      this.#options.publish({ kind: 'node', node: view });
    }
  }

  #retainLater(): void {
    this.#cancelRetention = this.#clock.after(retentionMs, () => {
      this.#options.history
        .forget()
        .catch((error: unknown) =>
          this.#options.log.error('Old measurements were not cleared away.', { error: String(error) }),
        );
      this.#retainLater();
    });
  }
}
