import { spawn } from 'node:child_process';

/** The checks that need nothing but this folder, cheapest to understand first; all run, two at a time, so that one look shows everything. */
const checks: readonly (readonly [name: string, ...argv: string[]])[] = [
  ['types', 'tsc', '-p', '.'],
  ['types of the pages', 'tsc', '-p', 'renderer'],
  ['types of the bridge', 'tsc', '-p', 'preload'],
  ['types of the stage', 'tsc', '-p', 'test/pages'],
  ['lint', 'oxlint', '--type-aware', 'main', 'preload', 'renderer', 'resources', 'test'],
  ['format', 'biome', 'format', '.'],
  ['unused', 'knip', '--config', 'test/knip.json'],
  ['boundaries', 'vitest', 'run', '--config', 'test/vitest.config.ts', '--project', 'unit', 'test/boundaries.test.ts'],
  ['words', 'vitest', 'run', '--config', 'test/vitest.config.ts', '--project', 'unit', 'test/translations.test.ts'],
];

function run([name, program = '', ...argv]: (typeof checks)[number]): Promise<boolean> {
  const started = Date.now();
  return new Promise((resolve) => {
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', (error) => output.push(Buffer.from(String(error))));
    child.on('close', (code) => {
      console.log(`${code === 0 ? '✓' : '✕'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
      if (code !== 0) console.log(Buffer.concat(output).toString());
      resolve(code === 0);
    });
  });
}

const waiting = [...checks];
const results: boolean[] = [];
await Promise.all(
  [1, 2].map(async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results.push(await run(next));
  }),
);
if (results.includes(false)) process.exitCode = 1;
