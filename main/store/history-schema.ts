import type { DatabaseSync } from 'node:sqlite';

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
];

/** The version this program writes. */
export const schemaVersion = migrations.length;

/** Brings a file to {@link schemaVersion} and says which version it had. A newer one is left untouched. */
export function migrate(database: DatabaseSync): number {
  const row = database.prepare('pragma user_version').get();
  const found = typeof row?.['user_version'] === 'number' ? row['user_version'] : 0;
  for (const [index, statements] of migrations.entries()) {
    if (index < found) continue;
    database.exec(`begin immediate; ${statements} pragma user_version = ${index + 1}; commit`);
  }
  return found;
}
