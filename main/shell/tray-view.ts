import type { Snapshot } from '../../preload/contract/live.ts';
import type { RuntimeId, RuntimeView } from '../../preload/contract/runtime.ts';
import type { CoreState } from '../../preload/contract/shell.ts';
import { directLatency, nodesNow } from './node-now.ts';
import { type RouteLine, type RouteMark, routeLines } from './route-lines.ts';
import { type RouteRow, routeRows } from './route-rows.ts';
import { type TrayWork, type WorkLine, workLine } from './tray-work.ts';

/**
 * What the tray's picture says in 16 px. through ●: every engine that follows a node pulls through one that is up, and it is proven. direct ○:
 * none follows a node. degraded ◐: slow, cached images only, not proven or not known. down ▲: a route serves nothing, or the core is
 * away. busy: something is at work, be it the first look at this computer.
 */
export type TrayIcon = 'through' | 'direct' | 'degraded' | 'down' | 'busy';

/** An engine in the line of engines: how its pulls go, or that it does not run. */
export interface EngineMark {
  readonly id: RuntimeId;
  readonly mark: RouteMark | 'idle';
  readonly line: RouteLine | undefined;
  /** Why a switch would not take it along, where it would not. */
  readonly idle: 'stopped' | 'needs-permission' | 'serves-docker' | 'never-switched';
}

/** All that the tray shows, as values: no words, no pictures, nothing of Electron. */
export interface TrayView {
  readonly icon: TrayIcon;
  readonly core: CoreState;
  /** What is true now, one line for each way that is in use; none where it is not known. */
  readonly lines: readonly RouteLine[];
  /** Why there are no lines: this computer was not looked at yet, no engine runs, or none that can be switched. */
  readonly engines: 'unknown' | 'none' | 'unswitched' | 'some';
  readonly work: WorkLine | undefined;
  readonly rows: readonly RouteRow[];
  /** Whether a route can be chosen now. */
  readonly switchable: boolean;
  readonly marks: readonly EngineMark[];
  readonly testable: boolean;
  /** What a prune by the standard rule would free on all nodes; undefined while none was counted. */
  readonly prunableBytes: number | undefined;
  readonly hasNodes: boolean;
}

export interface TrayInput {
  readonly snapshot: Snapshot | undefined;
  readonly core: CoreState;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly work?: TrayWork | undefined;
}

/** Jobs that a switch would meet at an engine; while one runs, no route can be chosen. */
const engineJobs: ReadonlySet<string> = new Set(['switch', 'prove', 'undo']);

/** What the tray shows at `now`. A core that is away leaves nothing but that: what was true before is not shown as if it were. Pure. */
export function trayView({ snapshot, core, now, work }: TrayInput): TrayView {
  const connected = core.state === 'running' && snapshot !== undefined;
  const { nodes, runtimes, tasks } = snapshot ?? { nodes: [], runtimes: [], tasks: [] };
  const standing = nodesNow(nodes, connected, now);
  const directMs = directLatency({ nodes }, connected, now);
  const lines = connected ? routeLines(runtimes, standing, directMs) : [];
  const line = workLine(work, connected ? snapshot : undefined, now);
  const working = tasks.some(({ state, kind }) => state === 'running' && engineJobs.has(kind));
  const begun = work !== undefined && work.end === undefined;
  const engines = connected ? enginesOf(runtimes, lines) : 'unknown';
  return {
    icon: iconOf({ core, engines, lines, busy: begun || tasks.some(({ state }) => state === 'running') }),
    core,
    lines,
    engines,
    work: line,
    rows: connected ? routeRows(standing, runtimes, directMs) : [],
    switchable: connected && !working && !begun && lines.length > 0,
    marks: connected ? runtimes.filter(({ state }) => state !== 'absent').map((view) => engineMark(view, lines)) : [],
    testable: connected && !working && !begun,
    prunableBytes: connected ? prunableBytes(snapshot) : undefined,
    hasNodes: standing.length > 0,
  };
}

function iconOf(facts: {
  readonly core: CoreState;
  readonly engines: TrayView['engines'];
  readonly lines: readonly RouteLine[];
  readonly busy: boolean;
}): TrayIcon {
  const { core, engines, lines, busy } = facts;
  if (engines === 'unknown') return core.state === 'starting' || core.state === 'running' ? 'busy' : 'down';
  if (busy) return 'busy';
  const marked = (mark: RouteMark): boolean => lines.some((line) => line.mark === mark);
  if (marked('down')) return 'down';
  if (marked('degraded')) return 'degraded';
  return marked('through') ? 'through' : 'direct';
}

function enginesOf(runtimes: readonly RuntimeView[], lines: readonly RouteLine[]): TrayView['engines'] {
  if (runtimes.length === 0) return 'unknown';
  if (lines.length > 0) return 'some';
  return runtimes.some(({ state }) => state === 'found') ? 'unswitched' : 'none';
}

function engineMark({ id, state, problem }: RuntimeView, lines: readonly RouteLine[]): EngineMark {
  const line = lines.find(({ engines }) => engines.includes(id));
  const docker = problem?.code === 'containerd-cri-disabled';
  const idle =
    state === 'found'
      ? docker
        ? 'serves-docker'
        : 'never-switched'
      : state === 'needs-permission'
        ? state
        : 'stopped';
  return { id, idle, line, mark: line?.mark ?? 'idle' };
}

function prunableBytes({ prunable = [], nodes }: Pick<Snapshot, 'nodes' | 'prunable'>): number | undefined {
  const standing = prunable.filter(({ node }) => nodes.some(({ name }) => name === node));
  return standing.length === 0 ? undefined : standing.reduce((sum, { bytes }) => sum + bytes, 0);
}
