import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { byFolder, type FileCoverage, percent, together } from './by-folder.ts';
import { badge, coveragePage } from './page.ts';

/** `npm run coverage`: the unit tests with V8's counters on, then docs/coverage.md and docs/coverage.svg anew. Fails where a test does. */
const reports = 'out/coverage';
const { status } = spawnSync(
  'vitest',
  [
    'run',
    '--config=test/vitest.config.ts',
    '--project=unit',
    '--reporter=dot',
    '--coverage.enabled',
    '--coverage.provider=v8',
    '--coverage.reporter=json-summary',
    `--coverage.reportsDirectory=${reports}`,
    ...['main', 'preload', 'renderer'].map((folder) => `--coverage.include=${folder}/**/*.{ts,tsx}`),
    '--coverage.exclude=**/vite.config.ts',
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);
if (status !== 0) process.exit(status ?? 1);

const summary = JSON.parse(readFileSync(`${reports}/coverage-summary.json`, 'utf8')) as Record<string, FileCoverage>;
const files = new Map(
  Object.entries(summary)
    .filter(([path]) => path !== 'total')
    .map(([path, counts]) => [relative(resolve('.'), path), counts]),
);
const folders = byFolder(files);
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
writeFileSync('docs/coverage.md', coveragePage(folders, new Date().toISOString().slice(0, 10), commit));
const all = percent(together(folders).lines);
writeFileSync('docs/coverage.svg', badge(all));
console.log(`${all} % of the lines, by folder in docs/coverage.md`);
