import type { Snapshot } from '../../preload/contract/live.ts';
import type { Route, RuntimeId, RuntimeView } from '../../preload/contract/runtime.ts';
import type { CoreState } from '../../preload/contract/shell.ts';
import type { NodeView } from '../../preload/contract/status.ts';
import { nodesNow } from './node-now.ts';
import type { Notice } from './notice.ts';
import { routeLines } from './route-lines.ts';
import { commonRoute } from './route-rows.ts';

/** How well a node serves, as notices see it; slow is no news, and what is not known is not said. */
type Health = 'well' | 'degraded' | 'down';

/** What was known and what was told when it was looked last. */
export interface NoticeMemory {
  readonly core: CoreState['state'];
  /** What was last told of each node, or what it was at first. */
  readonly health: ReadonlyMap<string, Health>;
  readonly routes: ReadonlyMap<RuntimeId, Route>;
  readonly full: ReadonlySet<string>;
  /** Jobs that ended and were looked at. */
  readonly ended: ReadonlySet<string>;
  /** When each thing was told last, in ms since 1970. */
  readonly told: ReadonlyMap<string, number>;
}

export interface NoticeInput {
  readonly snapshot: Snapshot | undefined;
  readonly core: CoreState;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether a window is before someone's eyes: it shows by itself how its work ends. */
  readonly watched: boolean;
}

/** A node that comes and goes is told of once in this time, in ms; if it stays other than was told, then at its end. */
const quietMs = 60 * 60_000;
/** What happens to a node or an engine so long after work on it is explained by that work, in ms. */
const settlingMs = 60_000;

/** The news since the last look, each told once, and what to remember for the next look. Without a memory there is no news. Pure. */
export function noticesOf(
  memory: NoticeMemory | undefined,
  input: NoticeInput,
): { readonly notices: readonly Notice[]; readonly memory: NoticeMemory | undefined } {
  const { snapshot, core } = input;
  const stopped: Notice[] =
    core.state === 'stopped' && memory !== undefined && memory.core !== 'stopped'
      ? [{ kind: 'core-stopped', problem: core.problem }]
      : [];
  if (core.state !== 'running' || !snapshot)
    return { notices: stopped, memory: memory && { ...memory, core: core.state } };
  const look = new Look(memory, snapshot, input);
  return { notices: look.notices, memory: look.remembered };
}

/** One look at a snapshot: gathers what is new and what is to be remembered. */
class Look {
  readonly notices: Notice[] = [];
  readonly remembered: NoticeMemory;
  readonly #memory: NoticeMemory | undefined;
  readonly #snapshot: Snapshot;
  readonly #input: NoticeInput;
  readonly #told: Map<string, number>;

  constructor(memory: NoticeMemory | undefined, snapshot: Snapshot, input: NoticeInput) {
    this.#memory = memory;
    this.#snapshot = snapshot;
    this.#input = input;
    this.#told = new Map(memory?.told);
    const applied = snapshot.nodes.filter((node) => node.applied);
    this.remembered = {
      core: 'running',
      full: new Set(applied.filter((node) => this.#full(node)).map(({ name }) => name)),
      health: new Map(applied.flatMap((node) => this.#health(node))),
      routes: new Map(snapshot.runtimes.flatMap((view) => this.#route(view))),
      ended: this.#tasks(),
      told: this.#told,
    };
  }

  #health(view: NodeView): [string, Health][] {
    const { name } = view;
    const before = this.#memory?.health.get(name);
    const health = healthOf(view, this.#input.now) ?? before;
    if (health === undefined) return [];
    // Of a disk that is full, that is the news.
    if (health === 'degraded' && view.problem?.code === 'disk-nearly-full') return [[name, before ?? health]];
    if (before === undefined || before === health) return [[name, health]];
    // What our own work brought back is no news; what it broke is, if it is still so when the work no longer explains it.
    if (this.#explained(name)) return [[name, health === 'well' ? health : before]];
    if (!this.#mayTell(`${name} ${health}`)) return [[name, before]];
    this.notices.push(this.#healthNotice(name, health));
    return [[name, health]];
  }

  #healthNotice(node: string, health: Health): Notice {
    const { nodes, runtimes } = this.#snapshot;
    if (health === 'degraded') return { kind: 'node-degraded', node };
    if (health === 'well') return { kind: 'node-back', node, offer: commonRoute(runtimes)?.length === 0 };
    const users = runtimes.filter(({ route }) => route?.includes(node)).map(({ id }) => id);
    const standing = nodesNow(nodes, true, this.#input.now);
    const broken = routeLines(runtimes, standing, undefined).some(
      ({ mark, engines }) => mark === 'down' && engines.some((id) => users.includes(id)),
    );
    const serving = standing.filter(({ state }) => state !== 'down' && state !== 'unknown').map(({ name }) => name);
    const next = broken
      ? undefined
      : runtimes.flatMap(({ route }) => (route?.includes(node) ? route : [])).find((each) => serving.includes(each));
    return { kind: 'node-down', node, users, next };
  }

  #full({ name, problem, disk }: NodeView): boolean {
    const before = this.#memory?.full.has(name);
    // A disk that was not looked at yet is as it was.
    if (problem?.code !== 'disk-nearly-full') return disk === undefined && before === true;
    if (before === false && this.#mayTell(`${name} disk`))
      this.notices.push({ kind: 'disk-full', node: name, problem });
    return true;
  }

  /** A route that an engine followed and that is gone without work of ours: something else wrote its configuration. */
  #route({ id, route, state, mirrors }: RuntimeView): [RuntimeId, Route][] {
    const before = this.#memory?.routes.get(id);
    if (route !== undefined) return [[id, route]];
    if (state !== 'found' || before === undefined || before.length === 0) return before ? [[id, before]] : [];
    if (mirrors.length === 0 || this.#explained(id)) return [[id, before]];
    if (this.#mayTell(`${id} route`)) this.notices.push({ kind: 'route-lost', engine: id, route: before });
    return [];
  }

  #tasks(): Set<string> {
    const ended = this.#snapshot.tasks.filter(({ state }) => state !== 'running');
    for (const task of ended) {
      // A proof that fails tells of a node or an engine, which is news of its own; who asked for it sees it in place.
      const bad = task.kind !== 'prove' && (task.state === 'failed' || task.state === 'interrupted');
      if (!bad || this.#memory === undefined || this.#memory.ended.has(task.id) || this.#input.watched) continue;
      // A password that is missing is asked for in the window at once.
      if (task.problem?.code.startsWith('sudo-password-') !== true) this.notices.push({ kind: 'task-failed', task });
    }
    return new Set(ended.map(({ id }) => id));
  }

  #explained(subject: string): boolean {
    return this.#snapshot.tasks.some(
      ({ subject: of, endedAt }) => of === subject && (endedAt === undefined || this.#isWithin(settlingMs, endedAt)),
    );
  }

  #mayTell(what: string): boolean {
    if (this.#isWithin(quietMs, this.#told.get(what) ?? -Infinity)) return false;
    this.#told.set(what, this.#input.now);
    return true;
  }

  /** Whether `at` is at most so long ago; a time later than now was noted before the clock was set back, and says nothing. */
  #isWithin(ms: number, at: number): boolean {
    const ago = this.#input.now - at;
    return ago >= 0 && ago < ms;
  }
}

function healthOf(view: NodeView, now: number): Health | undefined {
  const state = nodesNow([view], true, now)[0]?.state;
  if (state === undefined || state === 'unknown') return undefined;
  return state === 'up' || state === 'slow' ? 'well' : state;
}
