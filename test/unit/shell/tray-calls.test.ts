import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../../preload/contract/problem.ts';
import type { CoreState } from '../../../preload/contract/shell.ts';
import type { Task } from '../../../preload/contract/task.ts';
import type { Client } from '../../../main/endpoints/client.ts';
import { TrayCalls } from '../../../main/shell/tray-calls.ts';
import { engine, laptop, now, running, task } from './laptop.ts';

const problem = (code: string) => ({ code, message: 'm', hint: 'h', retryable: false });

function calls(answers: { switchAll?: () => Promise<Task[]>; prove?: (id: string) => Promise<Task> }) {
  const opened: string[] = [];
  const proved: string[] = [];
  let state: CoreState = running;
  let changed = 0;
  const snapshot = laptop({ runtimes: [engine('docker', ['tokyo']), engine('podman')] });
  const client = {
    live: { refresh: async () => snapshot },
    runtime: {
      switchAll: answers.switchAll,
      prove: ({ runtime }: { runtime: string }) => {
        proved.push(runtime);
        return answers.prove?.(runtime);
      },
    },
  } as unknown as Client;
  const tray = new TrayCalls({
    link: {
      client: () => (state.state === 'running' ? client : undefined),
      snapshot: () => snapshot,
      state: () => state,
    },
    changed: () => (changed += 1),
    open: (hash) => opened.push(hash),
    now: () => now,
  });
  return { tray, opened, proved, changes: () => changed, lose: () => (state = { state: 'lost', own: true }) };
}

describe('a switch', () => {
  test('is shown from the click to its outcome', async () => {
    const done = task('switch', 'docker', { state: 'done' });
    const { tray, opened, changes } = calls({ switchAll: async () => [done] });
    const ended = tray.switch(['tokyo']);
    expect(tray.work).toEqual({ kind: 'switch', route: ['tokyo'], startedAt: now });
    await ended;
    expect(tray.work?.end).toEqual({ at: now, tasks: [done] });
    expect([opened, changes()]).toEqual([[], 2]);
  });

  test.each([
    ['sudo-password-needed', '#/runtimes?route=tokyo'],
    ['vault-locked', '#/settings'],
    ['vault-undecided', '#/settings'],
  ])('that meets %s opens the window where that is given, and leaves no failure behind', async (code, place) => {
    const { tray, opened } = calls({ switchAll: () => Promise.reject(new ProblemError(problem(code))) });
    await tray.switch(['tokyo']);
    expect([opened, tray.work]).toEqual([[place], undefined]);
  });

  test('to direct that needs a password opens the page with direct chosen', async () => {
    const { tray, opened } = calls({
      switchAll: async () => [task('switch', 'docker', { state: 'failed', problem: problem('sudo-password-wrong') })],
    });
    await tray.switch([]);
    expect(opened).toEqual(['#/runtimes?route=direct']);
  });

  test('that the core does not begin keeps the reason', async () => {
    const { tray, opened } = calls({ switchAll: () => Promise.reject(new ProblemError(problem('task-running'))) });
    await tray.switch(['tokyo']);
    expect([tray.work?.end?.problem?.code, opened]).toEqual(['task-running', []]);
  });

  test('whose core ends under it says so', async () => {
    const { tray, lose } = calls({
      switchAll: async () => {
        lose();
        throw new Error('socket closed');
      },
    });
    await tray.switch(['tokyo']);
    expect(tray.work?.end?.problem?.code).toBe('core-gone');
  });

  test('is not begun a second time while the first is under way', async () => {
    let begun = 0;
    const { tray } = calls({
      switchAll: async () => {
        begun += 1;
        return [];
      },
    });
    await Promise.all([tray.switch(['tokyo']), tray.switch([])]);
    expect(begun).toBe(1);
  });
});

test('a test measures again and pulls once through each engine that follows a node', async () => {
  const { tray, proved } = calls({ prove: async (id) => task('prove', id, { state: 'done' }) });
  await tray.test();
  expect([proved, tray.work?.end?.tasks.length]).toEqual([['docker'], 1]);
});
