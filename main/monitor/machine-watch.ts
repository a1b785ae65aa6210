import type { Problem } from '../../preload/contract/problem.ts';
import { problemOf } from '../../preload/contract/problem.ts';
import type { Disk, Drift, Program } from '../../preload/contract/status.ts';
import { metricsHeader } from '../fleet/edge-names.ts';
import { nodeLayout } from '../fleet/node-layout.ts';
import type { Host } from '../hosts/host.ts';
import { openHttp } from '../hosts/http-over-host.ts';
import { inspectMachine } from './inspection.ts';
import { type CacheSizes, type MachineFacts, readCacheSizes, readMachineFacts } from './machine-facts.ts';
import { type NodeMetrics, readMetrics } from './metrics.ts';
import { type Clock, backedOff, isDue } from './schedule.ts';
import type { WatchedNode } from './watched-node.ts';
import { within } from './within.ts';

/** How often a machine is looked at, and its cache counted, in ms. */
const machineIntervalMs = 60_000;
const cacheSizeIntervalMs = 10 * 60_000;
/** How often it is looked at closely, for versions and changed files, in ms. */
const inspectionIntervalMs = 15 * 60_000;
/** However often it fails, it is looked at again after so long, in ms. */
const longestWaitMs = 5 * 60_000;
/** Bounds, in ms: until the machine is reached, and for each page of metrics. */
const reachMs = 20_000;
const metricsMs = 5_000;

/** One look at the machine: `seen` when disk and cached images are known (or could not be), `done` when metrics and cache size are too. */
export interface Look {
  readonly seen: Promise<void>;
  readonly done: Promise<void>;
}

/** Who hears what a look found: what its programs count, and its disk when the cache has been counted with it. */
export interface MachineNews {
  readonly metrics: (metrics: NodeMetrics) => void;
  readonly disk: (disk: Disk) => void;
}

/** What is known of a node's machine, and the look that finds it out anew. A machine that cannot be reached costs this knowledge only. */
export class MachineWatch {
  readonly #clock: Clock;
  readonly #on: MachineNews;
  #look: Look | undefined;
  #dueAt = -Infinity;
  #cacheDueAt = -Infinity;
  #failures = 0;
  #elevated = false;
  #facts: MachineFacts | undefined;
  #cache: CacheSizes | undefined;
  #problem: Problem | undefined;
  #inspectionDueAt = -Infinity;
  #programs: readonly Program[] | undefined;
  #drift: Drift | undefined;

  constructor(clock: Clock, on: MachineNews) {
    this.#clock = clock;
    this.#on = on;
  }

  /** Undefined until they were asked for once. */
  get programs(): readonly Program[] | undefined {
    return this.#programs;
  }

  /** Undefined until files were compared once. */
  get drift(): Drift | undefined {
    return this.#drift;
  }

  get cached(): MachineFacts['cached'] {
    return this.#facts?.cached ?? new Map();
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Undefined until the cache was counted once, and where the disk's size could not be read: 0 bytes of 0 are no disk that is full. */
  get disk(): Disk | undefined {
    if (!this.#facts || !this.#cache || this.#facts.totalBytes === 0) return undefined;
    const { totalBytes, freeBytes, totalInodes, freeInodes } = this.#facts;
    return { totalBytes, freeBytes, totalInodes, freeInodes, cacheBytes: this.#cache.bytes };
  }

  /** The bytes each upstream's own repositories link; empty until the cache was counted once. */
  get cacheBytes(): CacheSizes['upstreams'] {
    return this.#cache?.upstreams ?? new Map();
  }

  /** What is cached has changed: nothing is known to be cached until the next look, which is due at once. */
  forgetCache(): void {
    if (this.#facts) this.#facts = { ...this.#facts, cached: new Map() };
    this.#dueAt = -Infinity;
    this.#cacheDueAt = -Infinity;
    this.#inspectionDueAt = -Infinity;
  }

  /** This computer slept or moved: failures of before say nothing about now. */
  woke(): void {
    this.#failures = 0;
    this.makeDue();
  }

  /** The next round looks again. */
  makeDue(): void {
    this.#dueAt = -Infinity;
  }

  /**
   * Looks if it is time (or `forced`), or joins the look that goes on. What costs the server work (counting the cache, comparing files,
   * asking for versions) begins when `probed` settles: a latency must not be measured beside our own work. Undefined when there is nothing
   * to wait for. Never throws.
   */
  look(node: WatchedNode, forced: boolean, probed: Promise<void>, signal: AbortSignal): Look | undefined {
    if (this.#look) return this.#look;
    if (!node.host || (!forced && !isDue(this.#clock.now(), this.#dueAt, longestWaitMs))) return undefined;
    const opened = within(this.#clock, reachMs, node.host());
    const seen = opened.then((machine) => this.#see(machine, node, signal));
    const done = Promise.all([opened, seen, probed])
      .then(([machine]) => this.#countUp(machine, node, signal))
      .then(
        () => this.#ended(undefined, signal),
        (error: unknown) => this.#ended(error, signal),
      );
    this.#look = { seen: seen.catch(() => {}), done };
    return this.#look;
  }

  async #see(host: Host, node: WatchedNode, signal: AbortSignal): Promise<void> {
    const layout = nodeLayout(node.spec);
    const see = async () => {
      this.#facts = await readMachineFacts(host, layout, node.spec.upstreams, { elevated: this.#elevated, signal });
    };
    await see();
    if (!this.#facts?.unreadable || this.#elevated) return;
    this.#elevated = true;
    await see();
  }

  async #countUp(host: Host, node: WatchedNode, signal: AbortSignal): Promise<void> {
    const layout = nodeLayout(node.spec);
    const token = node.metricsToken();
    const ask = async (path: string): Promise<string | undefined> => {
      try {
        const headers = { [metricsHeader]: (await token).reveal() };
        const { status, body } = await within(
          this.#clock,
          metricsMs,
          openHttp(host, layout.metricsPort, path, metricsMs, headers),
        );
        return status === 200 ? body : undefined;
      } catch {
        return undefined;
      }
    };
    const metrics = readMetrics(ask, node.spec.upstreams).then((found) => {
      if (signal.aborted) return;
      this.#on.metrics(found);
    });
    const sizes = isDue(this.#clock.now(), this.#cacheDueAt, cacheSizeIntervalMs)
      ? this.#countCache(host, node, signal)
      : undefined;
    await Promise.all([metrics, sizes, this.#inspect(host, node, signal)]);
  }

  /** A machine that cannot be looked at closely keeps what was known; the look itself does not fail for it. */
  async #inspect(host: Host, node: WatchedNode, signal: AbortSignal): Promise<void> {
    const at = this.#clock.now();
    if (!isDue(at, this.#inspectionDueAt, inspectionIntervalMs)) return;
    this.#inspectionDueAt = at + inspectionIntervalMs;
    try {
      const { programs, drift } = await inspectMachine(host, nodeLayout(node.spec), { signal });
      if (programs.length > 0) this.#programs = programs;
      if (drift) this.#drift = { at, files: [...drift] };
    } catch {
      if (signal.aborted) this.#inspectionDueAt = -Infinity;
    }
  }

  async #countCache(host: Host, node: WatchedNode, signal: AbortSignal): Promise<void> {
    this.#cacheDueAt = this.#clock.now() + cacheSizeIntervalMs;
    const { spec } = node;
    const sizes = await readCacheSizes(host, nodeLayout(spec), spec.upstreams, { elevated: this.#elevated, signal });
    this.#cache = sizes ?? this.#cache;
    if (sizes && this.disk && !signal.aborted) this.#on.disk(this.disk);
  }

  #ended(error: unknown, signal: AbortSignal): void {
    this.#look = undefined;
    if (signal.aborted) return;
    this.#failures = error === undefined ? 0 : this.#failures + 1;
    this.#problem = error === undefined ? undefined : problemOf(error);
    this.#dueAt = this.#clock.now() + backedOff(machineIntervalMs, this.#failures);
  }
}
