import { expect, test } from 'vitest';
import type { Change, Snapshot } from '../../../../preload/contract/live.ts';
import { ProblemError } from '../../../../preload/contract/problem.ts';
import type { Task } from '../../../../preload/contract/task.ts';
import type { Client, Connection } from '../../../../renderer/core/client.ts';
import { followCore } from '../../../../renderer/core/live.ts';
import { sessionEnded } from '../../../../renderer/core/problems.ts';

const empty: Snapshot = { version: '1', nodes: [], runtimes: [], tasks: [] };
const task: Task = {
  id: 't1',
  kind: 'prune',
  subject: 'tokyo',
  title: 'Prune tokyo',
  state: 'running',
  startedAt: 1,
  steps: [],
};
type News = { kind: 'snapshot'; snapshot: Snapshot } | Change;

/** A core whose stream is played by hand; each `watch` call takes the next script. */
function playedCore(scripts: readonly (readonly News[] | 'broken')[], opened: () => Promise<void> = async () => {}) {
  let at = 0;
  let hold = Promise.withResolvers<void>();
  const watch = async () => {
    const script = scripts[at++];
    if (script === undefined || script === 'broken') throw new Error('no stream');
    return (async function* () {
      yield* script;
      await hold.promise;
    })();
  };
  const client = { live: { watch } } as unknown as Client;
  const connection: Connection = { client, opened, close() {} };
  return {
    connection,
    /** Ends the stream that is read now. */
    breakOff() {
      hold.resolve();
      hold = Promise.withResolvers();
    },
  };
}

test('the first snapshot opens, changes are applied in order, and every one is told', async () => {
  const { connection } = playedCore([
    [
      { kind: 'snapshot', snapshot: empty },
      { kind: 'task', task },
      { kind: 'task', task: { ...task, state: 'done' } },
    ],
  ]);
  const live = followCore(connection);
  const heard: string[] = [];
  live.onChange((change) => heard.push(change.kind));
  expect(live.state()).toBe('connecting');
  await expect.poll(() => live.snapshot()?.tasks[0]?.state).toBe('done');
  expect(live.state()).toBe('open');
  expect(heard).toEqual(['task', 'task']);
  live.close();
});

test('news that comes together is shown together: a hundred changes draw a page a few times, and the last is seen', async () => {
  const changes = Array.from({ length: 100 }, (_, at): Change => ({ kind: 'task', task: { ...task, startedAt: at } }));
  const { connection } = playedCore([[{ kind: 'snapshot', snapshot: empty }, ...changes]]);
  const live = followCore(connection);
  let woken = 0;
  let heard = 0;
  live.subscribe(() => (woken += 1));
  live.onChange(() => (heard += 1));
  await expect.poll(() => live.snapshot()?.tasks[0]?.startedAt).toBe(99);
  expect(heard).toBe(100);
  expect(woken).toBeLessThan(10);
  live.close();
});

test('a break is said, the last snapshot stays, and a snapshot anew replaces it whole', async () => {
  const core = playedCore([
    [{ kind: 'snapshot', snapshot: { ...empty, tasks: [task] } }],
    'broken',
    [{ kind: 'snapshot', snapshot: { ...empty, version: '2' } }],
  ]);
  const live = followCore(core.connection);
  const states: string[] = [];
  live.subscribe(() => states.push(live.state()));
  await expect.poll(() => live.state()).toBe('open');
  core.breakOff();
  await expect.poll(() => live.state()).toBe('lost');
  expect(live.snapshot()?.tasks).toEqual([task]);
  await expect.poll(() => live.state()).toBe('open');
  expect(live.snapshot()).toEqual({ ...empty, version: '2' });
  expect(states).toEqual(['open', 'lost', 'open']);
  live.close();
});

test('a change that alters nothing in the snapshot wakes no page, but is told', async () => {
  const entry = { id: 'a' } as unknown as Extract<Change, { kind: 'activity' }>['entry'];
  const core = playedCore([
    [
      { kind: 'snapshot', snapshot: empty },
      { kind: 'activity', entry },
    ],
  ]);
  const live = followCore(core.connection);
  let woken = 0;
  const heard: Change[] = [];
  live.subscribe(() => (woken += 1));
  live.onChange((change) => heard.push(change));
  await expect.poll(() => heard).toHaveLength(1);
  expect(woken).toBe(1);
  live.close();
});

test('a core that does not know the page is not asked again', async () => {
  let asked = 0;
  const { connection } = playedCore([], async () => {
    asked += 1;
    throw new ProblemError(sessionEnded);
  });
  const live = followCore(connection);
  await expect.poll(() => live.state()).toBe('refused');
  expect(asked).toBe(1);
  live.close();
});
