import type { DatabaseKind } from '../store/database-file.ts';

const migrations: readonly string[] = [
  `
  -- One line for each task and each change made at once. What has a shape of its own is JSON; ended_at is when the line was last true
  -- for one that the end of the core cut short.
  create table entries (
    seq integer primary key autoincrement,
    id text not null unique,
    kind text not null,
    subject text not null,
    title text not null,
    who text not null,
    state text not null,
    started_at integer not null,
    ended_at integer,
    told_at integer not null,
    steps text not null,
    changes text not null,
    outcome text,
    problem text,
    intent text,
    undone_by text,
    resumed_by text
  ) strict;

  create index entries_by_time on entries (started_at, seq);
  create index entries_by_subject on entries (subject, seq);
  create index entries_running on entries (state) where state in ('running', 'interrupted');
  `,
  `
  alter table entries add column warnings text;
  `,
];

/** The journal as a database file: each line is on disk before the work that it tells of goes on. */
export const journalKind: DatabaseKind = {
  notWritten: (reason, file) => ({
    code: 'activity-not-written',
    message: `The journal of activity is not being kept at present: ${reason}. Everything else works on.`,
    hint: `Check the free space and the permissions of ${file}.`,
    retryable: true,
  }),
  damaged: {
    code: 'activity-damaged',
    why: 'was damaged',
    hint: 'Nothing needs to be done. Delete the file that was moved aside when you do not want to examine it.',
  },
  newer: {
    code: 'activity-newer',
    why: 'was written by a newer version of Mirrorfleet',
    hint: 'Update Mirrorfleet, then put the file back while it is stopped.',
  },
  name: 'The journal of activity',
  migrations,
  synchronous: 'full',
};
