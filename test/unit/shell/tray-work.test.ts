import { expect, test } from 'vitest';
import type { Task } from '../../../preload/contract/task.ts';
import { wordsFor } from '../../../main/shell/shell-words.ts';
import { type TrayWork, workLine } from '../../../main/shell/tray-work.ts';
import { workText } from '../../../main/shell/tray-words.ts';
import { engine, laptop, now, task } from './laptop.ts';

const speech = { language: 'en', words: wordsFor('en'), now } as const;
const said = (work: TrayWork | undefined, tasks: Task[] = [], at = now): string | undefined => {
  const runtimes = [engine('docker', ['tokyo']), engine('podman', ['tokyo'])];
  const line = workLine(work, laptop({ tasks, runtimes }), at);
  return line && workText(line, speech);
};
const toTokyo: TrayWork = { kind: 'switch', route: ['tokyo'], startedAt: now - 500 };
const proven = { proof: { code: 'proof-request' } };
const ended = (...tasks: Task[]): TrayWork => ({ ...toTokyo, end: { at: now, tasks } });
const failure = { code: 'mirror-not-answering', message: 'tokyo does not answer.', hint: 'h', retryable: true };

test('a switch under way says how many engines are through, and what is being done', () => {
  expect(said(toTokyo)).toBe('Switching to tokyo… 0 of 2');
  const steps = [{ id: 'files', label: 'Write the configuration', state: 'done' as const }];
  expect(
    said(toTokyo, [
      task('switch', 'docker', { state: 'done', steps }),
      task('switch', 'podman', {
        steps: [{ id: 'proof', label: 'Prove it by a pull through tokyo', state: 'running' }],
      }),
      task('switch', 'docker', { id: 'older', state: 'done', startedAt: now - 9000 }),
    ]),
  ).toBe('Switching to tokyo… 1 of 2 · Prove it by a pull through tokyo');
  expect(said({ ...toTokyo, route: [] })).toBe('Switching to direct… 0 of 2');
});

test.each<[string, TrayWork, string]>([
  ['proven', ended(task('switch', 'docker', { state: 'done', outcome: proven })), '✓ Switched to tokyo, proven'],
  [
    'there was nothing to do',
    ended(task('switch', 'docker', { state: 'done', steps: [{ id: 'files', label: 'f', state: 'skipped' }] })),
    '✓ tokyo: nothing to change',
  ],
  [
    'one was switched, for the other there was nothing to do',
    ended(
      task('switch', 'docker', { state: 'done', outcome: proven, steps: [{ id: 'files', label: 'f', state: 'done' }] }),
      task('switch', 'podman', { state: 'done', steps: [{ id: 'files', label: 'f', state: 'skipped' }] }),
    ),
    '✓ Switched to tokyo',
  ],
  [
    'one of two failed',
    ended(
      task('switch', 'docker', { state: 'done', outcome: proven }),
      task('switch', 'podman', { state: 'failed', problem: failure }),
    ),
    '✕ Switch to tokyo failed · tokyo does not answer.',
  ],
  [
    'nothing began',
    { ...toTokyo, end: { at: now, tasks: [], problem: failure } },
    '✕ Switch to tokyo failed · tokyo does not answer.',
  ],
  ['cancelled', ended(task('switch', 'docker', { state: 'cancelled', problem: failure })), 'Cancelled'],
  ['a test', { ...ended(task('prove', 'docker', { state: 'done' })), kind: 'test' }, '✓ Tested and proven'],
  ['a test where nothing follows a node', { ...ended(), kind: 'test' }, '✓ Measured again'],
  [
    'a test that failed',
    { ...ended(task('prove', 'docker', { state: 'failed', problem: failure })), kind: 'test' },
    '✕ Test failed · tokyo does not answer.',
  ],
])('%s: the outcome stands where the progress was', (_, work, text) => {
  expect(said(work)).toBe(text);
});

test('what went well is told for a minute, what failed for longer, and both make way for new work', () => {
  const well = ended(task('switch', 'docker', { state: 'done', outcome: proven }));
  expect(said(well, [], now + 61_000)).toBeUndefined();
  const bad = ended(task('switch', 'docker', { state: 'failed', problem: failure }));
  expect(said(bad, [], now + 61_000)).toMatch(/^✕/);
  expect(said(bad, [task('node-apply', 'osaka', { title: 'Apply osaka' })])).toBe('Apply osaka…');
});

test('work that others started is told with its title', () => {
  const tasks = [task('prune', 'osaka'), task('node-apply', 'tokyo', { title: 'Apply tokyo' })];
  expect(said(undefined, tasks)).toBe('Apply tokyo… and 1 more');
  expect(said(undefined)).toBeUndefined();
});

test('one engine alone is not counted', () => {
  const line = { kind: 'switching' as const, route: ['tokyo'], done: 0, of: 1, step: undefined };
  expect(workText(line, speech)).toBe('Switching to tokyo…');
  const step = { id: 'proof', label: 'Prove it' };
  expect(workText({ ...line, step }, speech)).toBe('Switching to tokyo… Prove it');
  expect(workText({ ...line, kind: 'testing', of: 2, done: 1, step }, speech)).toBe('Testing… 1 of 2 · Prove it');
});

test.each([
  ['x'.repeat(45), 'x'.repeat(45)],
  ['x'.repeat(46), `${'x'.repeat(44)}…`],
  [`${'x'.repeat(42)}  yyyyy`, `${'x'.repeat(42)}…`],
])('a reason as wide as a menu is said whole, a wider one ends in dots', (message, shown) => {
  const problem = { ...failure, code: 'never-heard-of', message };
  const line = { kind: 'switch-failed' as const, route: ['tokyo'], problem };
  expect(workText(line, speech)).toBe(`✕ Switch to tokyo failed · ${shown}`);
});

test('a reason is cut to the width of a menu', () => {
  const long = { ...failure, message: 'x'.repeat(300) };
  expect(said(ended(task('switch', 'docker', { state: 'failed', problem: long })))).toHaveLength(72);
});
