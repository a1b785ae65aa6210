import { expect, test, vi } from 'vitest';
import { askToQuit, endedByQuitting, Quitting, quitQuestion } from '../../../main/shell/quitting.ts';
import { wordsFor } from '../../../main/shell/shell-words.ts';
import type { Task } from '../../../preload/contract/task.ts';

const task = (id: string, state: Task['state']): Task => ({
  id,
  kind: 'switch',
  subject: 'docker',
  title: `Switch Docker to ${id}`,
  state,
  startedAt: 0,
  steps: [],
});
const tasks = [task('tokyo', 'running'), task('osaka', 'done')];
const snapshot = { version: '1', nodes: [], runtimes: [], tasks };

test.each([
  ['the running jobs of an own core', 'running', true, ['tokyo']],
  ['nothing of a core that somebody else started', 'running', false, []],
  ['nothing of a core that is lost: its jobs ended with it', 'lost', true, []],
  ['nothing of one that is left alone', 'stopped', true, []],
] as const)('quitting ends %s', (_what, state, own, ended) => {
  const link = { state: () => ({ state, own }), snapshot: () => snapshot };
  expect(endedByQuitting(link).map(({ id }) => id)).toEqual(ended);
});

test('the question names the one task, or counts and lists them, in the language of the app', () => {
  const one = quitQuestion([task('tokyo', 'running')], 'en', wordsFor('en'));
  expect(one.message).toContain('Switch Docker to tokyo');
  const two = quitQuestion([task('tokyo', 'running'), task('osaka', 'running')], 'en', wordsFor('en'));
  expect(two.message).toContain('2');
  expect(two.detail).toContain('• Switch Docker to tokyo\n• Switch Docker to osaka\n');
  const chinese = quitQuestion([task('tokyo', 'running')], 'zh-CN', wordsFor('zh-CN'));
  expect(chinese.message).toBe('“切换 docker”还在进行');
  expect(chinese.stop).not.toBe(one.stop);
});

test.each([
  [0, false],
  [1, true],
])('answer %i of the dialog: stops %s', async (response, stops) => {
  const showMessageBox = vi.fn(() => Promise.resolve({ response, checkboxChecked: false }));
  const question = quitQuestion([task('tokyo', 'running')], 'en', wordsFor('en'));
  expect(await askToQuit({ showMessageBox }, question)).toBe(stops);
  expect(showMessageBox).toHaveBeenCalledWith(
    expect.objectContaining({ buttons: ['Keep running', 'Stop it and quit'], defaultId: 0, cancelId: 0 }),
  );
});

/** An app whose quitting comes back as Electron's does, with answers and a letting go that the test decides. */
function app() {
  const done: string[] = [];
  const answers: ((may: boolean) => void)[] = [];
  let over = (): void => {};
  const quitting = new Quitting({
    quit: () => quit(),
    mayQuit: () => new Promise((resolve) => answers.push(resolve)),
    letGo: () => {
      done.push('let go');
      return new Promise((resolve) => (over = resolve));
    },
  });
  const quit = (): void => {
    let held = false;
    quitting.beforeQuit({ preventDefault: () => (held = true) });
    if (!held) done.push('over');
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { quitting, quit, done, answers, turn, gone: () => over() };
}

test('quitting asks once, lets go, and is over only then', async () => {
  const { quit, done, answers, turn, gone } = app();
  quit();
  quit();
  expect(answers).toHaveLength(1);
  answers[0]?.(true);
  await turn();
  quit();
  expect(done).toEqual(['let go']);
  gone();
  await turn();
  expect(done).toEqual(['let go', 'over']);
});

test('who wants to keep running does, and may be asked again', async () => {
  const { quit, done, answers, turn } = app();
  quit();
  answers[0]?.(false);
  await turn();
  expect(done).toEqual([]);
  quit();
  expect(answers).toHaveLength(2);
});

test('a system that goes down is not kept waiting by a question, open or not', async () => {
  const { quitting, quit, done, answers, turn, gone } = app();
  quit();
  quitting.now();
  expect(done).toEqual(['let go']);
  answers[0]?.(true);
  quitting.now();
  await turn();
  expect(done).toEqual(['let go']);
  gone();
  await turn();
  expect(done).toEqual(['let go', 'over']);
});
