import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { folders } from './folders.ts';
import { measured, type Report, withRow } from './record.ts';

/**
 * `npm run mutation -- FOLDER…`: Stryker changes one thing at a time in each file of the folder and runs the tests that reach it. What no test
 * notices is listed, with its place. Without a folder: all of them, one after the other. Options (`--force`) are handed on to Stryker.
 */
const asked = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const options = process.argv.slice(2).filter((word) => word.startsWith('--'));
const unknown = asked.filter((name) => !folders.some((folder) => folder.name === name));
if (unknown.length > 0) {
  console.error(`no such folder: ${unknown.join(', ')}; there are ${folders.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const page = 'test/mutation/README.md';
for (const { name, files } of folders) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const answer = `out/mutation/${name.replace('/', '-')}.json`;
  const { status } = spawnSync(
    'stryker',
    [
      'run',
      'test/mutation/stryker.config.json',
      `--mutate=${files.join(',')}`,
      `--incrementalFile=${answer}`,
      ...options,
    ],
    { stdio: 'inherit', env: { ...process.env, MUTATION_FOLDER: name } },
  );
  if (status !== 0) process.exit(status ?? 1);
  const report = JSON.parse(readFileSync(answer, 'utf8')) as Report;
  const row = measured(name, report, new Date().toISOString().slice(0, 10));
  writeFileSync(page, withRow(readFileSync(page, 'utf8'), row));
  console.log(row);
}
