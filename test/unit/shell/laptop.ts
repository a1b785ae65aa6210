import type { Snapshot } from '../../../preload/contract/live.ts';
import type { RuntimeView } from '../../../preload/contract/runtime.ts';
import type { CoreState } from '../../../preload/contract/shell.ts';
import type { MirrorState, NodeView } from '../../../preload/contract/status.ts';
import type { Task } from '../../../preload/contract/task.ts';

/** The moment of every scene, in ms since 1970. */
export const now = 1_800_000_000_000;

export const running: CoreState = { state: 'running', own: true };

/** A node that was measured a second ago, `ms` fast, whose upstream answers this computer directly in 210 ms. */
export function node(name: string, ms: number, state: MirrorState = 'up', changed: Partial<NodeView> = {}): NodeView {
  const at = changed.seenAt ?? now - 1000;
  return {
    name,
    kind: 'ssh',
    address: `${name}.example`,
    port: 443,
    state,
    applied: true,
    mirrors: [
      {
        node: name,
        upstream: 'docker.io',
        state,
        recentMs: [ms, ms, ms],
        cached: { manifestMs: ms, at },
        direct: { manifestMs: 210, at },
        at,
      },
    ],
    staleAfterMs: 90_000,
    seenAt: at,
    ...changed,
  };
}

const names = { docker: 'Docker', containerd: 'containerd', podman: 'Podman' } as const;

/** An engine that follows a route, proven a minute ago through its first node unless `changed` says otherwise. */
export function engine(
  id: RuntimeView['id'],
  route: readonly string[] = [],
  changed: Partial<RuntimeView> = {},
): RuntimeView {
  const [first] = route;
  const proof = { at: now - 60_000, image: 'busybox', requestId: 'r', certificate: 'c', requests: 2 };
  return {
    id,
    engine: names[id],
    state: 'found',
    route: [...route],
    mirrors: route.map((each) => `${each}.example`),
    ...(first === undefined ? {} : { proof: { ...proof, node: first } }),
    ...changed,
  };
}

export function unproven(id: RuntimeView['id'], route: readonly string[]): RuntimeView {
  const { proof: _, ...view } = engine(id, route);
  return view;
}

export function task(kind: Task['kind'], subject: string, changed: Partial<Task> = {}): Task {
  return {
    id: `${kind}-${subject}`,
    kind,
    subject,
    title: `${kind} ${subject}`,
    state: 'running',
    startedAt: now,
    steps: [],
    ...changed,
  };
}

export function laptop(changed: Partial<Snapshot> = {}): Snapshot {
  return { version: '0.1.0', nodes: [], runtimes: [], tasks: [], ...changed };
}
