import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Mutant } from './instrument.ts';
import type { Found } from './switching-runner.ts';

/** What a run over one folder found. A mutant that no test reaches counts as one that survived. */
export interface Measured {
  readonly folder: string;
  readonly mutants: number;
  readonly killed: number;
  /** Of the killed, those that never came to an end. */
  readonly timedOut: number;
  readonly survived: number;
  readonly date: string;
}

/** Counts the mutants of a folder by what was found of them. */
export function measured(
  folder: string,
  mutants: readonly Pick<Mutant, 'id'>[],
  found: ReadonlyMap<string, Found>,
  date: string,
): Measured {
  const count = (wanted: Found): number => mutants.filter(({ id }) => (found.get(id) ?? 'survived') === wanted).length;
  const [timedOut, survived] = [count('timed out'), count('survived')];
  return { folder, mutants: mutants.length, killed: count('killed') + timedOut, timedOut, survived, date };
}

/** The page with this folder's row in its table, in place of the one it had. */
export function withRow(page: string, { folder, mutants, killed, timedOut, survived, date }: Measured): string {
  const share = mutants === 0 ? 100 : Math.floor((1000 * killed) / mutants) / 10;
  const row = `| ${folder} | ${mutants} | ${killed} | ${timedOut} | ${survived} | ${share.toFixed(1)} | ${date} |`;
  const lines = page.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`| ${folder} |`));
  if (at >= 0) return lines.with(at, row).join('\n');
  const end = lines.findLastIndex((line) => line.startsWith('|'));
  return lines.toSpliced(end + 1, 0, row).join('\n');
}

/** Prints what no test noticed and writes the row of test/mutation/README.md. */
export function record(folder: string, mutants: readonly Mutant[], found: ReadonlyMap<string, Found>): void {
  for (const { id, fileName, location, mutatorName, replacement } of mutants) {
    const state = found.get(id) ?? 'not reached';
    if (state === 'killed' || state === 'timed out') continue;
    const place = `${relative('.', fileName)}:${location.start.line + 1}:${location.start.column + 1}`;
    console.log(`${place} ${state}: ${mutatorName} → ${replacement}`);
  }
  const page = 'test/mutation/README.md';
  const row = measured(folder, mutants, found, new Date().toISOString().slice(0, 10));
  writeFileSync(page, withRow(readFileSync(page, 'utf8'), row));
  console.log(row);
}
