import { expect, test } from 'vitest';
import { interrupted, taskOf } from '../../../main/activity/journal-entry.ts';
import type { JournalEntry } from '../../../main/activity/journal-entry.ts';
import { entry } from './entries.ts';

test.each<JournalEntry['kind']>(['node-add', 'pin', 'unpin', 'settings', 'vault'])(
  'a change made at once (%s) is no task',
  (kind) => {
    expect(taskOf(entry({ kind }))).toBeUndefined();
  },
);

test.each<JournalEntry['kind']>(['node-apply', 'node-remove', 'switch', 'prune', 'scrub', 'cache-schedule', 'undo'])(
  'a line of the kind %s is shown as the task it was',
  (kind) => {
    expect(taskOf(entry({ kind }))?.kind).toBe(kind);
  },
);

test('a task that is shown again keeps how it ended, what it found and what it warned of, and holds nothing of the journal alone', () => {
  const problem = { code: 'no', message: 'No.', hint: 'No.', retryable: false };
  const line = entry({
    state: 'failed',
    outcome: { freedBytes: 7 },
    problem,
    warnings: [problem],
    steps: [{ id: 'a', label: 'A', state: 'failed' }],
  });
  const { id, kind, subject, title, state, who, startedAt, endedAt, steps } = line;
  expect(taskOf(line)).toStrictEqual({
    id,
    kind,
    subject,
    title,
    state,
    who,
    startedAt,
    endedAt,
    steps,
    problem,
    warnings: [problem],
    outcome: { freedBytes: 7 },
  });
});

test('a task that ended without news has no place for any', () => {
  const task = taskOf(entry({ state: 'running', endedAt: undefined }));
  expect(Object.keys(task ?? {}).toSorted()).toEqual(
    ['id', 'kind', 'startedAt', 'state', 'steps', 'subject', 'title', 'who'].toSorted(),
  );
});

test('work that the end of the core cut short says so, that it stays as it is, and how to go on', () => {
  const line = interrupted(entry({ state: 'running', endedAt: undefined }), 4000);
  expect(line).toMatchObject({
    state: 'interrupted',
    endedAt: 4000,
    problem: {
      message: 'Mirrorfleet ended while this was at work; what was done until then stays as it is.',
      hint: 'Resume it, or undo it where that is offered: mirrorfleet activity',
      retryable: true,
    },
  });
});
