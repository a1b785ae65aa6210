import { defineConfig } from 'vitest/config';
import { folders } from './folders.ts';

const folder = folders.find(({ name }) => name === process.env['MUTATION_FOLDER']);
if (folder === undefined) throw new Error('MUTATION_FOLDER names no folder of folders.ts');

/** The tests of one folder, as the unit project runs them. Stryker starts a worker for each mutant, so nothing of one is left for the next. */
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    include: [...folder.tests],
    setupFiles: ['test/mutation/setup.ts'],
    pool: 'threads',
    isolate: false,
    testTimeout: 60_000,
  },
});
