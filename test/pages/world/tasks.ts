import type { ActivityEntry, ActivityPage } from '../../../preload/contract/activity.ts';
import type { Problem } from '../../../preload/contract/problem.ts';
import type { Task } from '../../../preload/contract/task.ts';

const minute = 60_000;

/** What every job of this laptop has; it runs unless more is said. */
function jobOn(kind: Task['kind'], subject: string, title: string, startedAt: number): Omit<Task, 'id' | 'steps'> {
  return { kind, subject, title, state: 'running', startedAt, who: 'dev@laptop' };
}

/** An apply in the middle of its work. */
export function runningApply(now: number, node = 'tokyo'): Task {
  return {
    ...jobOn('node-apply', node, `Apply ${node}`, now - 21_000),
    id: 'apply-1',
    steps: [
      { id: 'observe', label: 'Look at the server', state: 'done' },
      { id: 'lock', label: 'Take the lock', state: 'done' },
      { id: 'directories', label: 'Make folders', state: 'done' },
      {
        id: 'image:registry',
        label: 'Bring the image docker.io/library/registry:3.1.1',
        state: 'running',
        note: { code: 'pulling', values: { image: 'docker.io/library/registry:3.1.1' } },
        progress: { done: 9_400_000, total: 18_700_000, unit: 'bytes' },
      },
      { id: 'files', label: 'Write 14 files', state: 'waiting' },
      { id: 'services', label: 'Start what changed', state: 'waiting' },
    ],
  };
}

/** What an apply warns of that works but for one upstream. */
export const refusedUpstream: Problem = {
  code: 'upstream-refuses',
  message: 'gcr.io gives the node nothing now: It answers 429.',
  hint: 'The mirror itself works and will serve gcr.io as soon as that does; mirrorfleet status shows when.',
  retryable: true,
  detail: { upstream: 'gcr.io' },
};

/** An apply that met a port in use and was taken back. */
export function failedApply(now: number, node = 'osaka'): Task {
  return {
    ...runningApply(now, node),
    id: 'apply-2',
    state: 'failed',
    startedAt: now - 9 * minute,
    endedAt: now - 8 * minute,
    steps: [
      { id: 'observe', label: 'Look at the server', state: 'done' },
      { id: 'files', label: 'Write 14 files', state: 'undone' },
      { id: 'services', label: 'Start what changed', state: 'failed' },
    ],
    problem: {
      code: 'port-taken',
      message: `Port 443 of ${node} is taken by nginx; the files that were written were taken back.`,
      hint: 'Choose another port for this node, or stop nginx there.',
      retryable: false,
      detail: {
        output:
          'Error response from daemon: driver failed programming external connectivity:\nbind: address already in use',
      },
    },
  };
}

export function runningSwitch(now: number, runtime: string): Task {
  return {
    ...jobOn('switch', runtime, `Switch ${runtime} to tokyo`, now - 2000),
    id: `switch-${runtime}`,
    steps: [
      { id: 'probe', label: 'Ask the mirrors', state: 'done' },
      { id: 'files', label: 'Write the configuration', state: 'done' },
      { id: 'proof', label: 'Prove it by a pull through tokyo', state: 'running' },
    ],
  };
}

export function failedSwitch(now: number, runtime: string): Task {
  return {
    ...runningSwitch(now, runtime),
    id: `switch-${runtime}-failed`,
    state: 'failed',
    endedAt: now,
    steps: [
      { id: 'probe', label: 'Ask the mirrors', state: 'done' },
      { id: 'files', label: 'Write the configuration', state: 'undone', note: { code: 'originals-back' } },
      { id: 'proof', label: 'Prove it by a pull through tokyo', state: 'failed' },
    ],
    problem: {
      code: 'not-proven',
      message:
        "Docker pulled library/busybox, but no request for it with this computer's certificate was seen at tokyo within 15 s.",
      hint: "Docker went around the mirror. Look at Docker's log and at the node's state.",
      retryable: true,
    },
  };
}

export function donePrune(now: number, node = 'tokyo'): Task {
  return {
    ...jobOn('prune', node, `Prune ${node}`, now - 40 * minute),
    id: 'prune-1',
    state: 'done',
    endedAt: now - 40 * minute + 4200,
    steps: [
      {
        id: 'inventory',
        label: 'Count what is cached',
        state: 'done',
        note: { code: 'images-go', values: { going: 15, images: 200 } },
      },
      {
        id: 'prune',
        label: 'Remove it from the live node',
        state: 'done',
        note: { code: 'removing-done-some-used', values: { count: 1 } },
      },
    ],
    outcome: { freedBytes: 1_260_000_000, images: 14, blobs: 71 },
  };
}

function entryOf(task: Task, changed: Partial<ActivityEntry> = {}): ActivityEntry {
  const { who = 'dev@laptop', ...rest } = task;
  return { ...rest, who, changes: [], outcome: task.outcome, undo: false, resume: false, ...changed };
}

/** A journal with one of everything, then prunes until it holds `count` lines. */
export function journal(count: number, now: number): ActivityEntry[] {
  const switched: Task = {
    id: 'switch-1',
    kind: 'switch',
    subject: 'docker',
    title: 'Switch docker to tokyo',
    state: 'done',
    startedAt: now - 70 * minute,
    endedAt: now - 70 * minute + 1900,
    steps: [
      { id: 'files', label: 'Write the configuration', state: 'done' },
      { id: 'reload', label: 'Reload Docker', state: 'done' },
      { id: 'proof', label: 'Prove it by a pull through tokyo', state: 'done' },
    ],
    outcome: {
      proof: {
        code: 'proof-request',
        values: { requestId: '5f1c9a2e', node: 'tokyo', image: 'docker.io/library/alpine:3.20' },
      },
    },
  };
  const first = [
    entryOf(runningApply(now)),
    entryOf(failedApply(now), { resume: true }),
    entryOf(donePrune(now)),
    entryOf(switched, {
      undo: true,
      changes: [
        {
          path: '/etc/docker/daemon.json',
          action: 'change',
          diff: '--- a/etc/docker/daemon.json\n+++ b/etc/docker/daemon.json\n@@ -1,3 +1,4 @@\n {\n-  "debug": false\n+  "debug": false,\n+  "registry-mirrors": ["https://203.0.113.11"]\n }\n',
        },
      ],
    }),
    entryOf(
      {
        ...switched,
        id: 'switch-0',
        title: 'Switch docker to direct',
        startedAt: now - 26 * 60 * minute,
        endedAt: now - 26 * 60 * minute + 900,
      },
      { undoneBy: 'switch-1' },
    ),
    entryOf(
      {
        ...runningApply(now, 'fra'),
        id: 'apply-0',
        state: 'interrupted',
        startedAt: now - 28 * 60 * minute,
        endedAt: now - 28 * 60 * minute,
      },
      { resume: true, undo: true },
    ),
    entryOf(
      {
        ...donePrune(now),
        id: 'pin-1',
        kind: 'prune',
        who: 'mei@desktop',
        startedAt: now - 30 * 60 * minute,
        endedAt: now - 30 * 60 * minute,
      },
      {
        kind: 'pin',
        title: 'Pin docker.io/library/postgres:16',
        steps: [],
        undo: true,
      },
    ),
  ];
  const rest = Array.from({ length: Math.max(0, count - first.length) }, (_, at) =>
    entryOf({
      ...donePrune(now),
      id: `old-${at}`,
      startedAt: now - (32 + at * 5) * 60 * minute,
      endedAt: now - (32 + at * 5) * 60 * minute + 3000,
    }),
  );
  return [...first, ...rest].slice(0, count);
}

export function activityPage(
  entries: readonly ActivityEntry[],
  before: number | undefined,
  limit: number,
): ActivityPage {
  const older = entries.filter((entry) => before === undefined || entry.startedAt < before);
  return { entries: older.slice(0, limit), more: older.length > limit };
}
