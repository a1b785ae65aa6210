import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fail, type Problem } from '../../preload/contract/problem.ts';

/** Something that a checkout builds before it is shown. All paths are below the checkout. */
export interface Build {
  /** Files that it makes, each younger than its sources where it is fresh. */
  readonly makes: readonly string[];
  readonly sources: readonly string[];
  /** Programs for Node with their arguments, run one after the other. */
  readonly steps: readonly (readonly string[])[];
  /** What is thrown where a step fails, with what the step said. */
  readonly problem: Problem;
}

/** Runs a build where what it makes is missing or older than what it is made of (about a second). */
export async function buildIfOld({ makes, sources, steps, problem }: Build, checkout: string): Promise<void> {
  const made = makes.map((each) => join(checkout, each));
  const latest = newest(sources.map((each) => join(checkout, each)));
  if (made.every((file) => existsSync(file) && statSync(file).mtimeMs >= latest)) return;
  for (const step of steps) {
    const { code, said } = await run(step, checkout);
    if (code !== 0) fail({ ...problem, detail: { output: said.trim().slice(-2000) } });
  }
}

async function run(step: readonly string[], cwd: string): Promise<{ readonly code: number; readonly said: string }> {
  const child = spawn(process.execPath, step, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()));
  const code = await new Promise<number>((done) => {
    child.once('error', (error) => {
      said += error.message;
      done(127);
    });
    child.once('close', (ended) => done(ended ?? 1));
  });
  return { code, said };
}

/** When the last of the files, and of the files in the folders, was changed, in ms since 1970. */
function newest(paths: readonly string[]): number {
  return paths
    .filter((path) => existsSync(path))
    .flatMap((path) =>
      statSync(path).isDirectory()
        ? readdirSync(path, { recursive: true, withFileTypes: true }).map((entry) => join(entry.parentPath, entry.name))
        : [path],
    )
    .reduce((latest, path) => Math.max(latest, statSync(path).mtimeMs), 0);
}
