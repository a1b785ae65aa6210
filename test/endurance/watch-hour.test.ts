import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../lab/command.ts';
import { amount, seed } from './length.ts';
import { growth, type Look } from './watched-looks.ts';

/** Bytes of heap for each question that may be left: measured 5 with the same nodes all along, 25 where twelve in an hour go and come. */
const heapBound = 100;
/** What is kept for ever where a fault is played: 1 kB for each probe of a mirror, which is three questions. */
const playedLeak = 340;
/** By then everything has been used once: code is compiled, sparklines are full, SQLite has its pages. */
const warmMinute = 20;

interface Hour {
  readonly looks: readonly Look[];
  readonly timersLeft: number;
}

async function watchedHour(minutes: number, leak: number): Promise<Hour> {
  const folder = mkdtempSync(join(tmpdir(), 'watched-hour-'));
  try {
    const program = join(import.meta.dirname, 'watched-hour.ts');
    const argv = [process.execPath, '--expose-gc', program, folder, `${minutes}`, seed, `${leak}`];
    const said = await mustRun(argv, { timeoutMs: 3_000_000 });
    const lines = said.trim().split('\n');
    const { timersLeft } = JSON.parse(lines.pop() ?? '') as { timersLeft: number };
    return { looks: lines.map((line) => JSON.parse(line) as Look), timersLeft };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const warm = ({ looks }: Hour): readonly Look[] => looks.filter(({ minute }) => minute >= warmMinute);

describe(`twenty nodes of eight mirrors, watched by the turned clock (seed ${seed})`, () => {
  let hour: Hour;
  beforeAll(async () => {
    hour = await watchedHour(amount(60, 360), 0);
    console.log(hour.looks.map((look) => JSON.stringify(look)).join('\n'));
  }, 3_000_000);
  const most = (figure: (look: Look) => number): number => Math.max(...warm(hour).map(figure));
  const first = (figure: (look: Look) => number): number => figure(warm(hour)[0] ?? hour.looks[0] ?? never());

  it('hold no more memory after an hour than after twenty minutes', () => {
    expect(growth(warm(hour), ({ heapBytes }) => heapBytes)).toBeLessThan(heapBound);
    expect(most(({ rssBytes }) => rssBytes) - first(({ rssBytes }) => rssBytes)).toBeLessThan(40e6);
  });

  it('hold no more files, sockets and timers, though nodes and clients go and come', () => {
    expect(most(({ handles }) => handles)).toBeLessThanOrEqual(first(({ handles }) => handles) + 2);
    expect(most(({ descriptors }) => descriptors)).toBeLessThanOrEqual(first(({ descriptors }) => descriptors) + 4);
    expect(most(({ timers }) => timers)).toBeLessThanOrEqual(first(({ timers }) => timers) + 40);
    expect(hour.timersLeft).toBe(0);
  });

  it('write what they measure and little else', () => {
    const { questions, databaseBytes } = hour.looks.at(-1) ?? never();
    expect(questions).toBeGreaterThan(40_000);
    expect(growth(warm(hour), (look) => look.databaseBytes)).toBeLessThan(40);
    expect(databaseBytes / questions).toBeLessThan(80);
  });

  it('are told to clients all along, the node that came last among them', () => {
    for (const [at, look] of warm(hour).entries())
      expect(look.heard).toBeGreaterThan((warm(hour)[at - 1]?.heard ?? 0) + 1000);
    expect(hour.looks.every(({ nodes }) => nodes >= 19)).toBe(true);
  });

  it('would be seen to leak where a kilobyte for each probe were kept', async () => {
    const leaking = await watchedHour(30, playedLeak);
    expect(growth(warm(leaking), ({ heapBytes }) => heapBytes)).toBeGreaterThan(2 * heapBound);
  });
});

function never(): never {
  throw new Error('The program did not look.');
}
