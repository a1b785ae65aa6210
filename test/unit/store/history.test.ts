import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Problem } from '../../../preload/contract/problem.ts';
import { History, type Sample } from '../../../main/store/history.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const now = Date.UTC(2026, 10, 25, 12);
const series = { node: 'tokyo', upstream: 'docker.io', kind: 'cached' } as const;

let folder: string;
let file: string;
let problems: Problem[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-'));
  file = join(folder, 'history.db');
  problems = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => new History(file, { now: () => now, onProblem: (problem) => problems.push(problem) });

function sample(at: number, manifestMs: number, more: Partial<Sample> = {}): Sample {
  return { ...series, at, manifestMs, outcome: 'ok', ...more };
}

describe('the history', () => {
  it('gives back the samples of a range, oldest first, each series apart', () => {
    const history = open();
    history.add([sample(now - 2000, 20), sample(now - 3000, 30, { firstByteMs: 5 }), sample(now, 1)]);
    history.add([sample(now - 2000, 99, { upstream: 'ghcr.io' })]);
    expect([...history.samples({ ...series, from: now - 3000, to: now })]).toEqual([
      sample(now - 3000, 30, { firstByteMs: 5 }),
      sample(now - 2000, 20),
    ]);
    history.close();
  });

  it('keeps what was flushed over a restart, and over a process that died without closing', () => {
    const first = open();
    first.add([sample(now - 1000, 20)]);
    first.flush();
    const second = open();
    expect([...second.samples({ ...series, from: 0, to: now })]).toHaveLength(1);
    second.close();
    first.close();
  });

  it('folds a range into buckets with the median, the extremes and the failures', () => {
    const history = open();
    const at = now - day;
    history.add([
      sample(at, 10),
      sample(at + 1, 30),
      sample(at + 2, 20),
      { ...series, at: at + 3, outcome: 'timeout' },
    ]);
    history.add([sample(at + 10 * minute, 50)]);
    expect(history.buckets({ ...series, from: at, to: now, widthMs: 5 * minute })).toEqual([
      { at, samples: 4, failed: 1, manifestP50: 20, manifestMin: 10, manifestMax: 30 },
      { at: at + 10 * minute, samples: 1, failed: 0, manifestP50: 50, manifestMin: 50, manifestMax: 50 },
    ]);
    history.close();
  });

  it('turns samples older than 48 hours into five-minute buckets and drops buckets older than 90 days', async () => {
    const history = open();
    history.add([
      sample(now - 91 * day, 1),
      sample(now - 3 * day, 10),
      sample(now - 3 * day + 1, 30),
      sample(now - minute, 7),
    ]);
    await history.forget();
    expect([...history.samples({ ...series, from: 0, to: now })]).toEqual([sample(now - minute, 7)]);
    const all = history.buckets({ ...series, from: 0, to: now, widthMs: 5 * minute });
    expect(all.map((each) => [each.samples, each.manifestMin, each.manifestMax])).toEqual([
      [2, 10, 30],
      [1, 7, 7],
    ]);
    await history.forget();
    expect(history.buckets({ ...series, from: 0, to: now, widthMs: 5 * minute })).toEqual(all);
    history.close();
  });

  it('knows the usual latency only from enough good samples', () => {
    const history = open();
    history.add([sample(now - 3, 10), sample(now - 2, 20), { ...series, at: now - 1, outcome: '500' }]);
    expect(history.usualMs({ ...series, from: 0, to: now }, 3)).toBeUndefined();
    expect(history.usualMs({ ...series, from: 0, to: now }, 2)).toBe(10);
    history.close();
  });

  it('remembers the last state of every counter', () => {
    const counter = {
      node: 'tokyo',
      upstream: 'docker.io',
      name: 'hits',
      raw: 3,
      total: 10,
      at: now,
      since: now - day,
    } as const;
    const first = open();
    first.count([
      { ...counter, raw: 2, total: 9, at: now - minute },
      { ...counter, startedAt: now - 2 * day },
    ]);
    first.close();
    const second = open();
    expect(second.counters('tokyo')).toEqual([{ ...counter, startedAt: now - 2 * day }]);
    expect(second.counterReadings({ node: 'tokyo', upstream: 'docker.io', from: now - day, to: now + 1 })).toEqual([
      { name: 'hits', at: now - 5 * minute, total: 9 },
      { name: 'hits', at: now, total: 10 },
    ]);
    expect(second.counters('osaka')).toEqual([]);
    second.close();
  });

  it('keeps one measurement of a disk for each five minutes, the last', () => {
    const disk = { node: 'tokyo', freeBytes: 9e9, freeInodes: 5e5, cacheBytes: 1e9 };
    const first = open();
    first.measured({ ...disk, at: now - 10 * minute });
    first.measured({ ...disk, at: now });
    first.measured({ ...disk, at: now + minute, freeBytes: 8e9 });
    first.measured({ ...disk, node: 'osaka', at: now });
    first.close();
    const second = open();
    expect(second.disks({ node: 'tokyo', from: now - day, to: now + day })).toEqual([
      { ...disk, at: now - 10 * minute },
      { ...disk, at: now, freeBytes: 8e9 },
    ]);
    second.forgetNode('tokyo');
    expect(second.disks({ node: 'tokyo', from: 0, to: now + day })).toEqual([]);
    second.close();
  });

  it('keeps measurements as many days as is said, of every kind', async () => {
    let keepDays = 30;
    const history = new History(file, { now: () => now, keepDays: () => keepDays });
    const disk = { node: 'tokyo', freeBytes: 9e9, freeInodes: 5e5, cacheBytes: 1e9 };
    for (const at of [now - 40 * day, now - 20 * day, now - day]) {
      history.add([sample(at, 20)]);
      history.measured({ ...disk, at });
    }
    const left = () => [
      history.buckets({ ...series, from: 0, to: now, widthMs: 5 * minute }).length,
      history.disks({ node: 'tokyo', from: 0, to: now }).length,
    ];
    await history.forget();
    expect(left()).toEqual([2, 2]);
    keepDays = 10;
    await history.forget();
    expect(left()).toEqual([1, 1]);
    history.close();
  });

  it('takes over a file of the first version, and dates its counters by their first reading', () => {
    open().close();
    const old = new DatabaseSync(file);
    old.exec(`
      drop table disk_history;
      alter table counters drop column since;
      alter table counters drop column started;
      insert into counters values ('tokyo', 'docker.io', 'hits', 3, 10, ${now});
      insert into counter_history values ('tokyo', 'docker.io', 'hits', ${now - 2 * day}, 4), ('tokyo', 'docker.io', 'hits', ${now}, 10);
      pragma user_version = 1;`);
    old.close();
    const history = open();
    expect(problems).toEqual([]);
    expect(history.counters('tokyo')).toMatchObject([{ raw: 3, total: 10, since: now - 2 * day }]);
    history.measured({ node: 'tokyo', at: now, freeBytes: 1, freeInodes: 1, cacheBytes: 1 });
    expect(history.disks({ node: 'tokyo', from: 0, to: now + 1 })).toHaveLength(1);
    history.close();
  });

  it('forgets a node whole and leaves the others', () => {
    const history = open();
    history.add([sample(now - 1, 1), sample(now - 1, 2, { node: 'osaka' })]);
    history.forgetNode('tokyo');
    expect([...history.samples({ ...series, from: 0, to: now })]).toEqual([]);
    expect([...history.samples({ ...series, node: 'osaka', from: 0, to: now })]).toHaveLength(1);
    history.close();
  });
});

describe('a history file that cannot be used', () => {
  const aside = () => readdirSync(folder).filter((name) => /^history\.db\.history-[a-z]+-[0-9TZ.-]+$/.test(name));

  function fill(): void {
    const history = open();
    history.add(Array.from({ length: 2000 }, (_, index) => sample(now - index * 1000, index)));
    history.close();
  }

  it.each([
    ['is no database', () => writeFileSync(file, 'these are not the bytes you are looking for'.repeat(50))],
    ['was cut short', () => truncateSync(file, Math.floor(statSync(file).size / 2 / 4096) * 4096)],
    [
      'has a page of noise',
      () => {
        const bytes = readFileSync(file);
        bytes.fill(0xa5, 4096, 4096 * 3);
        writeFileSync(file, bytes);
      },
    ],
  ])('is moved aside when it %s, history starts anew and says so', (_, damage) => {
    fill();
    damage();
    const history = open();
    expect(problems.map((each) => each.code)).toEqual(['history-damaged']);
    expect(aside()).toHaveLength(1);
    history.add([sample(now - 1, 4)]);
    expect([...history.samples({ ...series, from: 0, to: now })]).toHaveLength(1);
    history.close();
  });

  it('is moved aside when it was written by a newer version', () => {
    fill();
    const newer = new DatabaseSync(file);
    newer.exec('pragma user_version = 999');
    newer.close();
    open().close();
    expect(problems.map((each) => each.code)).toEqual(['history-newer']);
    expect(aside()).toHaveLength(1);
  });

  it('is left in place when only its write-ahead log is torn', () => {
    fill();
    appendFileSync(`${file}-wal`, 'torn');
    const history = open();
    expect(problems).toEqual([]);
    expect([...history.samples({ ...series, from: 0, to: now + 1 })]).toHaveLength(2000);
    history.close();
  });

  it('found damaged in use costs history only: the caller never sees an error', () => {
    const history = open();
    history.add(Array.from({ length: 5000 }, (_, index) => sample(now - index * 1000, index)));
    history.close();
    const used = open();
    // Another writer's commit makes the open database read its pages again.
    const other = new DatabaseSync(file);
    other.exec("insert into series (node, upstream, kind) values ('a', 'b', 'c'); pragma wal_checkpoint(truncate)");
    other.close();
    const bytes = readFileSync(file);
    for (let at = 4096; at < bytes.length; at += 4096) bytes.fill(0xff, at, at + 100);
    writeFileSync(file, bytes);
    expect(used.buckets({ ...series, from: 0, to: now, widthMs: minute })).toEqual([]);
    expect(problems.map((each) => each.code)).toEqual(['history-damaged']);
    used.add([sample(now - 1, 4)]);
    expect([...used.samples({ ...series, from: 0, to: now })]).toHaveLength(1);
    used.close();
  });

  it('that cannot be written is told once and stops nothing', () => {
    const history = open();
    const blocker = new DatabaseSync(file);
    blocker.exec('drop table samples');
    history.add([sample(now - 1, 1)]);
    history.flush();
    history.add([sample(now - 1, 1)]);
    history.flush();
    expect(problems.map((each) => each.code)).toEqual(['history-not-written']);
    blocker.close();
    history.close();
  });
});
