import { expect, test } from 'vitest';
import { type TaskNews, Tasks } from '../../../main/tasks/tasks.ts';
import { fail, problemOf } from '../../../preload/contract/problem.ts';
import type { Task } from '../../../preload/contract/task.ts';

const job = { kind: 'prune', subject: 'tokyo', title: 'Prune tokyo' } as const;

test('a job ends done with its steps and figures, and every change of it was told', async () => {
  const told: Task[] = [];
  const tasks = new Tasks((task) => told.push(task));
  const ended = await tasks.run({ ...job, steps: [{ id: 'b', label: 'B' }] }, async (context) => {
    await context.step('a', 'A', async () => {});
    context.skip('b', 'B', { code: 'none-found' });
    context.outcome('freedBytes', 7);
  });
  expect(ended).toMatchObject({ state: 'done', outcome: { freedBytes: 7 } });
  expect(ended.steps.map(({ id, state }) => [id, state])).toEqual([
    ['b', 'skipped'],
    ['a', 'done'],
  ]);
  expect(told.at(-1)).toEqual(ended);
});

test('a second job for the same subject is refused while the first runs, another subject is not', async () => {
  const tasks = new Tasks(() => {});
  let letGo = (): void => {};
  const first = tasks.run(job, () => new Promise((resolve) => (letGo = resolve)));
  await expect(tasks.run(job, async () => {})).rejects.toSatisfy((error) => problemOf(error).code === 'task-running');
  await expect(tasks.run({ ...job, subject: 'osaka' }, async () => {})).resolves.toMatchObject({ state: 'done' });
  letGo();
  await first;
  await expect(tasks.run(job, async () => {})).resolves.toMatchObject({ state: 'done' });
});

test('a failed step fails the job with its Problem; a bug is thrown', async () => {
  const tasks = new Tasks(() => {});
  const failed = await tasks.run(job, (context) =>
    context.step('a', 'A', async () => fail({ code: 'disk-full', message: 'Full.', hint: 'Prune.' })),
  );
  expect(failed).toMatchObject({
    state: 'failed',
    problem: { code: 'disk-full' },
    steps: [{ state: 'failed', problem: { code: 'disk-full', message: 'Full.' } }],
  });
  await expect(tasks.run(job, async () => Promise.reject(new TypeError('bug')))).rejects.toThrow('bug');
  expect(tasks.running).toEqual([]);
});

test('a cancelled job stops before its next step and says that it was cancelled', async () => {
  const tasks = new Tasks(() => {});
  const ended = await tasks.run(job, async (context) => {
    tasks.cancel(tasks.running[0]?.id ?? '');
    await context.step('never', 'Never', async () => {});
  });
  expect(ended).toMatchObject({ state: 'cancelled', problem: { code: 'cancelled' }, steps: [] });
});

test('what a job changes is told apart from the task, with its intent and whose work it is', async () => {
  const told: TaskNews[] = [];
  const tasks = new Tasks((_, news) => told.push(news), { who: 'dev@laptop' });
  const intent = { kind: 'prune', node: 'tokyo', policy: { kind: 'all' } } as const;
  const change = { path: '/etc/docker/daemon.json', action: 'create', diff: '+{}' } as const;
  await tasks.run({ ...job, intent }, async (context) => {
    context.changes([change]);
    context.changes([{ ...change, action: 'delete' }]);
  });
  expect(told[0]).toMatchObject({ changes: [], intent, task: { who: 'dev@laptop', state: 'running' } });
  expect(told.at(-1)).toMatchObject({ changes: [change, { action: 'delete' }], task: { state: 'done' } });
});
