import type { Connections } from '../hosts/connections.ts';
import type { Host } from '../hosts/host.ts';
import {
  type CacheList,
  type PrunePolicy,
  type PrunePreview,
  type Schedule,
  type ScheduleView,
  standardPrune,
} from '../../preload/contract/cache.ts';
import type { Change } from '../../preload/contract/live.ts';
import type { Task } from '../../preload/contract/task.ts';
import type { NodeSpec } from '../../preload/contract/node.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { NodeStore } from '../store/nodes.ts';
import { countPrunable, listCache, previewPrune, runPrune } from './node-cache.ts';
import { prunableBytes } from './prunable.ts';
import { addPins, readPins, removePins } from './pin-file.ts';
import { scrubCache } from './scrub.ts';
import { putSchedule, scheduleBefore, showSchedule, takeScheduleOff } from './schedule.ts';

export interface CachesOptions {
  readonly nodes: Pick<NodeStore, 'get' | 'find'>;
  readonly connections: Pick<Connections, 'host'>;
  readonly tasks: Pick<Tasks, 'run'>;
  /** Hears what a prune would free, whenever a cache was counted. */
  readonly publish: (change: Change) => void;
}

/** The caches of the fleet by their nodes' names: what belongs to a call is looked up here and handed to the parts beside it. */
export class Caches {
  readonly #options: CachesOptions;

  constructor(options: CachesOptions) {
    this.#options = options;
  }

  async list(node: string): Promise<CacheList> {
    const { host, spec } = await this.#place(node);
    // Of a large cache this is a second of thinking: who asked for the list has it first.
    return listCache(host, spec, undefined, (inventory) => {
      setImmediate(() => {
        try {
          this.#prunable(node, prunableBytes(spec, inventory));
        } catch {
          // Nobody waits for this figure, and a core must not end for want of it: what is broken is told by the next call that needs it.
        }
      });
    });
  }

  async previewPrune(node: string, policy: PrunePolicy, graceSeconds?: number): Promise<PrunePreview> {
    const { host, spec } = await this.#place(node);
    const preview = await previewPrune(host, spec, policy, graceOf(graceSeconds));
    const standard = policy.kind === standardPrune.kind && policy.seconds === standardPrune.seconds;
    if (standard && graceSeconds === undefined) this.#prunable(node, preview.freedBytes);
    return preview;
  }

  /** Counts what a prune by the standard rule would free, for whoever watches the snapshot. */
  async countPrunable(node: string, signal: AbortSignal): Promise<void> {
    const { host, spec } = await this.#place(node);
    this.#prunable(node, await countPrunable(host, spec, signal));
  }

  /** Frees space as a task. A node that cannot be reached is said before one begins. */
  async prune(node: string, policy: PrunePolicy, graceSeconds?: number): Promise<Task> {
    const { host, spec } = await this.#place(node);
    const grace = graceOf(graceSeconds);
    const intent = { kind: 'prune' as const, node, policy, ...grace };
    return this.#options.tasks.run({ kind: 'prune', subject: node, title: `Prune ${node}`, intent }, async (job) => {
      await runPrune(host, spec, policy, job, grace);
    });
  }

  async pins(node: string): Promise<string[]> {
    const { host, spec } = await this.#place(node);
    return readPins(host, spec);
  }

  async pin(node: string, pins: readonly string[]): Promise<string[]> {
    const { host, spec } = await this.#place(node);
    return addPins(host, spec, pins);
  }

  async unpin(node: string, pins: readonly string[]): Promise<string[]> {
    const { host, spec } = await this.#place(node);
    return removePins(host, spec, pins);
  }

  async schedule(node: string): Promise<ScheduleView> {
    const { host, spec } = await this.#place(node);
    return showSchedule(host, spec);
  }

  /** Puts the schedule on the node as a task, or takes it off where none is given. */
  async setSchedule(node: string, schedule: Schedule | undefined): Promise<Task> {
    const { host, spec } = await this.#place(node);
    const before = await scheduleBefore(host, spec);
    const known = { ...(schedule ? { schedule } : {}), ...(before ? { before } : {}) };
    const title = schedule ? `Set the schedule of ${node}` : `Take the schedule off ${node}`;
    return this.#options.tasks.run(
      { kind: 'cache-schedule', subject: node, title, intent: { kind: 'cache-schedule', node, ...known } },
      (job) => (schedule ? putSchedule(host, spec, schedule, job) : takeScheduleOff(host, spec, job)),
    );
  }

  scrub(node: string, repair: boolean): Promise<Task> {
    return this.#options.tasks.run(
      { kind: 'scrub', subject: node, title: `Check the cache of ${node}` },
      async (job) => {
        const { host, spec } = await this.#place(node);
        await scrubCache(host, spec, repair, job);
      },
    );
  }

  /** A node that was removed while it was counted is told of no more. */
  #prunable(node: string, bytes: number | undefined): void {
    const { nodes, publish } = this.#options;
    if (bytes === undefined || nodes.find(node) === undefined) return;
    publish({ kind: 'prunable', prunable: { node, bytes, at: Date.now() } });
  }

  async #place(node: string): Promise<{ host: Host; spec: NodeSpec }> {
    const { spec } = this.#options.nodes.get(node);
    return { spec, host: await this.#options.connections.host(node) };
  }
}

function graceOf(graceSeconds: number | undefined): { graceSeconds?: number } {
  return graceSeconds === undefined ? {} : { graceSeconds };
}
