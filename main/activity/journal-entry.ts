import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { z } from 'zod';
import { activityEntrySchema } from '../../preload/contract/activity.ts';
import type { Problem } from '../../preload/contract/problem.ts';
import { sayingSchema } from '../../preload/contract/saying.ts';
import { type Task, taskStepSchema } from '../../preload/contract/task.ts';
import { intentSchema } from '../tasks/intent.ts';

/** A step as it is kept. Early versions wrote its note as a text, which is shown as it is. */
const keptStepSchema = taskStepSchema.extend({
  note: z.union([sayingSchema, z.string().transform((text) => ({ code: 'plain', values: { text } }))]).optional(),
});

/** A line of the journal as it is kept: an entry, what it wanted, and what became of it later. `seq` orders lines that began at once. */
export const journalEntrySchema = activityEntrySchema.omit({ undo: true, resume: true }).extend({
  seq: z.number(),
  steps: z.array(keptStepSchema),
  intent: intentSchema.optional(),
  resumedBy: z.string().optional(),
});
export type JournalEntry = z.infer<typeof journalEntrySchema>;

/** The values of a line for the statement that puts it, by name. */
export function valuesOf(entry: Omit<JournalEntry, 'seq'>, toldAt: number): Record<string, SQLInputValue> {
  const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
  return {
    id: entry.id,
    kind: entry.kind,
    subject: entry.subject,
    title: entry.title,
    who: entry.who,
    state: entry.state,
    startedAt: entry.startedAt,
    endedAt: entry.endedAt ?? null,
    toldAt,
    steps: JSON.stringify(entry.steps),
    changes: JSON.stringify(entry.changes),
    outcome: json(entry.outcome),
    problem: json(entry.problem),
    warnings: json(entry.warnings),
    intent: json(entry.intent),
  };
}

/** A row as a line; undefined for one that is damaged, or that another version of this program wrote and this one cannot read. */
export function entryOf(row: Readonly<Record<string, SQLOutputValue>>): JournalEntry | undefined {
  const parsed = (column: string): unknown => {
    const text = row[column];
    try {
      return typeof text === 'string' ? JSON.parse(text) : undefined;
    } catch {
      // Which fits no column.
      return null;
    }
  };
  const plain = (column: string): unknown => row[column] ?? undefined;
  const read = journalEntrySchema.safeParse({
    seq: row['seq'],
    id: row['id'],
    kind: row['kind'],
    subject: row['subject'],
    title: row['title'],
    who: row['who'],
    state: row['state'],
    startedAt: row['started_at'],
    endedAt: plain('ended_at'),
    steps: parsed('steps'),
    changes: parsed('changes'),
    outcome: parsed('outcome'),
    problem: parsed('problem'),
    warnings: parsed('warnings'),
    intent: parsed('intent'),
    undoneBy: plain('undone_by'),
    resumedBy: plain('resumed_by'),
  });
  return read.success ? read.data : undefined;
}

/** What is said of work that the end of the core cut short. */
const cutShort: Problem = {
  code: 'task-interrupted',
  message: 'Mirrorfleet ended while this was at work; what was done until then stays as it is.',
  hint: 'Resume it, or undo it where that is offered: mirrorfleet activity',
  retryable: true,
};

/** A line that ran when the core died, as the next start finds it: the step that ran is no longer running. Pure. */
export function interrupted(entry: JournalEntry, toldAt: number): JournalEntry {
  return {
    ...entry,
    state: 'interrupted',
    endedAt: toldAt,
    problem: cutShort,
    steps: entry.steps.map((step) => (step.state === 'running' ? { ...step, state: 'failed' } : step)),
  };
}

/** A line as the snapshot shows a task; undefined for a change that was made at once, which is no task. Pure. */
export function taskOf(entry: JournalEntry): Task | undefined {
  const { kind } = entry;
  if (kind === 'node-add' || kind === 'pin' || kind === 'unpin' || kind === 'settings' || kind === 'vault')
    return undefined;
  const { id, subject, title, state, startedAt, endedAt, steps, problem, warnings, outcome, who } = entry;
  return {
    id,
    kind,
    subject,
    title,
    state,
    startedAt,
    steps,
    who,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(problem === undefined ? {} : { problem }),
    ...(warnings === undefined ? {} : { warnings }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}
