import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Journal } from '../../../main/activity/journal.ts';
import { journalKind } from '../../../main/activity/journal-schema.ts';
import type { DatabaseKind } from '../../../main/store/database-file.ts';
import { History } from '../../../main/store/history.ts';
import { historyKind } from '../../../main/store/history-schema.ts';
import type { Problem } from '../../../preload/contract/problem.ts';
import { amount, seed } from '../../endurance/length.ts';
import { chanceOf } from '../../pages/world/chance.ts';
import { entry } from '../activity/entries.ts';

let folder: string;
let problems: Problem[];
let now: number;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'databases-'));
  problems = [];
  now = Date.UTC(2026, 10, 27);
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const options = () => ({ onProblem: (problem: Problem) => void problems.push(problem), now: () => now });

interface Kept {
  /** Keeps one more thing. */
  add(): void;
  /** How many are kept. */
  count(): number;
  close(): void;
}

interface Kind {
  readonly name: string;
  readonly code: string;
  readonly kind: DatabaseKind;
  readonly table: string;
  readonly open: (file: string) => Kept;
}

const kinds: readonly Kind[] = [
  {
    name: 'activity.db',
    code: 'activity',
    kind: journalKind,
    table: 'entries',
    open: (file) => {
      const journal = new Journal(file, options());
      return {
        add: () => journal.put(entry()),
        count: () => journal.page({ limit: 100_000 }).entries.length,
        close: () => journal.close(),
      };
    },
  },
  {
    name: 'history.db',
    code: 'history',
    kind: historyKind,
    table: 'samples',
    open: (file) => {
      const history = new History(file, options());
      const series = { node: 'tokyo', upstream: 'docker.io', kind: 'cached' } as const;
      return {
        add() {
          const at = (now += 1);
          history.add(Array.from({ length: 20 }, (_, each) => ({ ...series, at: at - each * 60_000, outcome: 'ok' })));
          history.flush();
        },
        count: () => Math.round([...history.samples({ ...series, from: 0, to: now + 1 })].length / 20),
        close: () => history.close(),
      };
    },
  },
];

describe.each(kinds)('$name', ({ name, code, kind, open }) => {
  const path = (): string => join(folder, name);
  const codes = (): string[] => problems.map((problem) => problem.code);

  function filled(): Buffer {
    const kept = open(path());
    for (let made = 0; made < 30; made += 1) kept.add();
    kept.close();
    return fs.readFileSync(path());
  }

  function expectUsable(): void {
    const kept = open(path());
    const before = kept.count();
    kept.add();
    expect(kept.count()).toBeGreaterThanOrEqual(Math.min(before, 1));
    kept.close();
  }

  test('damaged at any place is moved aside whole and told, or read as it is; its user never sees an error', {
    timeout: amount(30_000, 600_000),
  }, () => {
    const chance = chanceOf(seed);
    const whole = filled();
    for (let round = 0; round < amount(15, 1000); round += 1) {
      for (const each of fs.readdirSync(folder)) fs.rmSync(join(folder, each));
      problems.length = 0;
      const bytes = Buffer.from(whole);
      const cut = chance() < 0.4 ? Math.floor(chance() * whole.length) : whole.length;
      if (cut === whole.length) spoil(bytes, chance);
      fs.writeFileSync(path(), bytes.subarray(0, cut));
      const which = `SEED=${seed}, round ${round}`;
      expectUsable();
      expect([[], [`${code}-damaged`], [`${code}-newer`]], which).toContainEqual(codes());
      const aside = fs.readdirSync(folder).filter((each) => /-(damaged|newer)-.*Z$/.test(each));
      expect(aside, which).toHaveLength(problems.length);
      for (const each of aside) expect(fs.statSync(join(folder, each)).size, which).toBe(cut);
    }
  });

  test('of zero length, as after a power cut, is begun anew', () => {
    filled();
    fs.truncateSync(path());
    expectUsable();
    expect(codes()).toEqual([]);
  });

  test('gone while its log is still there is read from the log, or begun anew', () => {
    const kept = open(path());
    kept.add();
    const log = fs.readFileSync(`${path()}-wal`);
    kept.close();
    fs.rmSync(path());
    fs.writeFileSync(`${path()}-wal`, log);
    expectUsable();
    expect(codes().filter((each) => each !== `${code}-damaged`)).toEqual([]);
  });

  test('with the log of another file beside it keeps what is its own', () => {
    const other = join(folder, 'other.db');
    const elsewhere = open(other);
    elsewhere.add();
    const log = fs.readFileSync(`${other}-wal`).subarray(0, 3000);
    elsewhere.close();
    filled();
    fs.writeFileSync(`${path()}-wal`, log);
    const kept = open(path());
    expect(kept.count()).toBe(30);
    kept.close();
    expect(codes()).toEqual([]);
  });

  test('that cannot be opened is told once, kept in memory meanwhile, and used again when it can', () => {
    fs.mkdirSync(path());
    const kept = open(path());
    kept.add();
    kept.add();
    expect(kept.count()).toBe(2);
    expect(codes()).toEqual([`${code}-not-written`]);
    fs.rmdirSync(path());
    now += 60_000;
    kept.add();
    expect(kept.count()).toBe(1);
    kept.close();
    expect(codes()).toEqual([`${code}-not-written`]);
    const later = open(path());
    expect(later.count()).toBe(1);
    later.close();
  });

  test('of an older version is brought up to date, and kept beside as it was', () => {
    const old = new DatabaseSync(path());
    old.exec(
      `${kind.migrations[0]} pragma user_version = 1; create table mark (was text); insert into mark values ('old')`,
    );
    old.close();
    expectUsable();
    expect(codes()).toEqual([]);
    const [copy, moved] = [`${path()}.version-1`, path()].map((each) => new DatabaseSync(each));
    expect(copy?.prepare('pragma user_version').get()).toEqual({ user_version: 1 });
    expect(copy?.prepare('select was from mark').get()).toEqual({ was: 'old' });
    expect(moved?.prepare('pragma user_version').get()).toEqual({ user_version: kind.migrations.length });
    expect(moved?.prepare('select was from mark').get()).toEqual({ was: 'old' });
    copy?.close();
    moved?.close();
  });
});

/** Zeros in the place of one whole page, or another byte at any place. */
function spoil(bytes: Buffer, chance: () => number): void {
  const at = Math.floor(chance() * bytes.length);
  if (chance() < 0.5) bytes.fill(0, at - (at % 4096), at - (at % 4096) + 4096);
  else bytes.writeUInt8(Math.floor(chance() * 256), at);
}
