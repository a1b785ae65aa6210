import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, matchesGlob, relative, resolve } from 'node:path';
import { BaseSequencer, startVitest, type TestSpecification } from 'vitest/node';
import { folders } from './folders.ts';
import { instrument } from './instrument.ts';
import { record } from './record.ts';
import type { Found } from './switching-runner.ts';

/**
 * `npm run mutation -- FOLDER…`: changes one thing at a time in each file of the folder and runs the tests that reach it. What no test notices is
 * listed, with its place. Without a folder: all of them, one after the other.
 */
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !folders.some((folder) => folder.name === name));
if (unknown.length > 0) {
  console.error(`no such folder: ${unknown.join(', ')}; there are ${folders.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

/** Test files in the order in which a folder names them: those that find most in the least time first. */
class AsNamed extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number =>
      named.findIndex((glob) => matchesGlob(relative(root, moduleId), glob));
    return files.toSorted((one, other) => place(one) - place(other));
  }
}

const root = resolve(import.meta.dirname, '../..');
const artefacts = join(root, 'out/mutation');
mkdirSync(artefacts, { recursive: true });
let named: readonly string[] = [];
for (const { name, files, tests } of folders) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const instrumented = await instrument(root, files);
  const answer = join(artefacts, `${name.replace('/', '-')}.json`);
  rmSync(answer, { force: true });
  named = tests;
  process.env['MUTATION_FOUND'] = answer;
  const vitest = await startVitest(
    'test',
    [],
    {
      root,
      config: false,
      watch: false,
      include: [...tests],
      reporters: ['default'],
      runner: 'test/mutation/switching-runner.ts',
      setupFiles: ['test/mutation/first-failure.ts'],
      pool: 'threads',
      isolate: false,
      maxWorkers: 1,
      fileParallelism: false,
      testTimeout: 120_000,
      sequence: { sequencer: AsNamed },
    },
    {
      plugins: [{ name: 'mutants', enforce: 'pre', load: (id) => instrumented.files.get(id.split('?')[0] ?? id) }],
    },
  );
  await vitest.close();
  const errors = vitest.state.getUnhandledErrors();
  if (vitest.state.getCountOfFailedTests() > 0 || errors.length > 0) {
    console.error(`${name} was not measured: its tests must pass as they are`, errors);
    process.exit(1);
  }
  // Vitest takes a file whose tests ran again for one that has not ended.
  process.exitCode = 0;
  const found = new Map(JSON.parse(readFileSync(answer, 'utf8')) as [string, Found][]);
  record(name, instrumented.mutants, found);
}
