import type { DatabaseKind } from './database-file.ts';

/**
 * The history's tables, one entry for each version: opening runs those that a file has not had yet, each in one transaction. Entries are
 * never edited once released, only added.
 */
const migrations: readonly string[] = [
  `
  create table series (
    id integer primary key,
    node text not null,
    upstream text not null,
    kind text not null,
    unique (node, upstream, kind)
  ) strict;

  create table samples (
    series integer not null references series (id),
    at integer not null,
    manifest_ms real,
    first_byte_ms real,
    outcome text not null,
    primary key (series, at)
  ) strict, without rowid;

  -- Five minutes of samples in one row, once they are older than what is kept raw.
  create table buckets (
    series integer not null references series (id),
    at integer not null,
    samples integer not null,
    failed integer not null,
    manifest_p50 real,
    manifest_min real,
    manifest_max real,
    first_byte_p50 real,
    primary key (series, at)
  ) strict, without rowid;

  -- What a counter of a node last showed (raw) and its sum over all restarts (total).
  create table counters (
    node text not null,
    upstream text not null,
    name text not null,
    raw real not null,
    total real not null,
    at integer not null,
    primary key (node, upstream, name)
  ) strict, without rowid;

  -- A counter's total at the end of each five minutes in which it was read.
  create table counter_history (
    node text not null,
    upstream text not null,
    name text not null,
    at integer not null,
    total real not null,
    primary key (node, upstream, name, at)
  ) strict, without rowid;
  `,
  `
  -- Since when a counter is counted, and when the program began whose figure raw is (0: not known).
  alter table counters add column since integer not null default 0;
  alter table counters add column started integer not null default 0;
  update counters set since = coalesce(
    (select min(h.at) from counter_history h
      where h.node = counters.node and h.upstream = counters.upstream and h.name = counters.name),
    at);

  -- A node's disk and cache at the end of each five minutes in which they were measured.
  create table disk_history (
    node text not null,
    at integer not null,
    free_bytes real not null,
    free_inodes real not null,
    cache_bytes real not null,
    primary key (node, at)
  ) strict, without rowid;
  `,
];

/** The history as a database file. A power cut costs its last moments. */
export const historyKind: DatabaseKind = {
  notWritten: (reason, file) => ({
    code: 'history-not-written',
    message: `Measurements are not being kept at present: ${reason}. Status and everything else work on.`,
    hint: `Check the free space and the permissions of ${file}.`,
    retryable: true,
  }),
  damaged: {
    code: 'history-damaged',
    why: 'was damaged',
    hint: 'Nothing needs to be done. Delete the file that was moved aside when you do not want to examine it.',
  },
  newer: {
    code: 'history-newer',
    why: 'was written by a newer version of Mirrorfleet',
    hint: 'Update Mirrorfleet, then put the file back while it is stopped.',
  },
  name: 'The history of measurements',
  migrations,
  synchronous: 'normal',
};
