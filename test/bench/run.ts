import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Figure, figureLine } from './figure.ts';
import { type Group, groups } from './groups.ts';

/*
 * npm run bench -- [--only NAME,…] [--json FILE]   takes the figures group by group, each in a process of its own, prints medians, ratios,
 * goals and raw rounds, and writes them as JSON after each group. A group that fails is named, the others are still measured, and the end is 1.
 */

interface Result {
  readonly at: string;
  readonly cores: number;
  /** Mean number of processes that wanted a processor in the minute before the group and in its last one. */
  readonly load: Record<string, readonly [before: number, after: number]>;
  readonly seconds: Record<string, number>;
  readonly figures: Figure[];
  readonly failures: { readonly group: string; readonly message: string }[];
}

const load = (): number => Number((loadavg()[0] ?? 0).toFixed(2));

/** Runs a group in a process of its own, so that what goes wrong in it cannot spoil the next one. */
async function measure({ name, minutes }: Group, folder: string): Promise<readonly Figure[]> {
  const file = join(folder, `${name}.json`);
  const child = spawn(process.execPath, [join(import.meta.dirname, 'group.ts'), name, file], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const late = setTimeout(() => child.kill('SIGKILL'), minutes * 60_000);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(late);
  if (signal === 'SIGKILL') throw new Error(`not over after ${minutes} minutes`);
  if (code !== 0) throw new Error(`ended with ${code ?? signal}, see above`);
  // Written by group.ts of the same checkout, so its shape is known.
  return JSON.parse(readFileSync(file, 'utf8')) as Figure[];
}

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' } } });
const names = values.only?.split(',') ?? groups.map(({ name }) => name);
const strangers = names.filter((name) => !groups.some((group) => group.name === name));
if (strangers.length > 0) {
  console.error(
    `no figures are called ${strangers.join(', ')}; there are ${groups.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
const result: Result = {
  at: new Date().toISOString(),
  cores: availableParallelism(),
  load: {},
  seconds: {},
  figures: [],
  failures: [],
};
const folder = mkdtempSync(join(tmpdir(), 'mirrorfleet-bench-'));
for (const group of groups.filter(({ name }) => names.includes(name))) {
  const started = performance.now();
  const before = load();
  try {
    const figures = await measure(group, folder);
    for (const each of figures) console.log(figureLine(each));
    result.figures.push(...figures);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.log(`✕ ${group.name} was not measured: ${message}`);
    result.failures.push({ group: group.name, message });
    process.exitCode = 1;
  }
  result.load[group.name] = [before, load()];
  result.seconds[group.name] = Math.round((performance.now() - started) / 1000);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}
rmSync(folder, { recursive: true });
const missed = result.figures.filter(({ met }) => met === false);
console.log(
  `\n${result.figures.length} figures, ${missed.length} goals missed, ${result.failures.length} groups failed; seconds and load ${JSON.stringify([result.seconds, result.load])}`,
);
for (const each of missed) console.log(figureLine(each));
