import { writeFileSync } from 'node:fs';
import { type RunnerTestFile, type RunnerTestCase, TestRunner, vi } from 'vitest';
import { startTests } from 'vitest/internal/browser';

type Hits = Readonly<Record<string, number>>;

/** What the switches that Stryker puts into a file look at and count in. */
interface Switches {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: { readonly static: Hits; readonly perTest: Readonly<Record<string, Hits>> };
}
const world = globalThis as { __stryker__?: Switches; __mutantsFound__?: Map<string, Found> };
const switches: Switches = (world.__stryker__ ??= {});

/** What became of a mutant. Ids that are not there were reached by no test. */
export type Found = 'killed' | 'timed out' | 'survived';
/** Shared by all test files, which run in one worker. */
const found: Map<string, Found> = (world.__mutantsFound__ ??= new Map());

/**
 * Runs a test file as it is and notes which mutants each test reaches, then runs it again with each of these on, with the tests that reach it
 * only, until one fails. All in one process: loading everything anew for each mutant takes a hundred times as long. What is made on import is
 * made anew for the mutants that sit in it.
 */
// oxlint-disable-next-line import/no-default-export -- vitest takes a runner's default export.
export default class SwitchingRunner extends TestRunner {
  override onBeforeTryTask(test: RunnerTestCase, options: { retry: number; repeats: number }): void {
    super.onBeforeTryTask(test, options);
    if (switches.activeMutant === undefined) switches.currentTestId = test.id;
  }

  override onAfterRunTask(test: RunnerTestCase): void {
    switches.currentTestId = undefined;
    super.onAfterRunTask(test);
  }

  // oxlint-disable-next-line typescript/no-misused-promises -- startTests waits for it; only the class's own type does not say so.
  override async onAfterRunFiles(files: RunnerTestFile[]): Promise<void> {
    super.onAfterRunFiles(files);
    // What the reporters have not heard yet of this file is told before the mutants' runs, of which they hear nothing.
    await startTests([], Object.assign(Object.create(this) as SwitchingRunner, { onAfterRunFiles: nothing }));
    for (const { filepath, result, name } of files) {
      if (result?.state !== 'pass') throw new Error(`${name} fails as it is; mutants would tell nothing`);
      await this.#tryMutants(filepath);
    }
  }

  async #tryMutants(filepath: string): Promise<void> {
    const { perTest = {}, static: onImport = {} } = switches.mutantCoverage ?? {};
    const tests = new Map<string, string[]>();
    const hits = new Map<string, number>();
    for (const [test, reached] of Object.entries(perTest))
      for (const [mutant, count] of Object.entries(reached)) {
        tests.set(mutant, [...(tests.get(mutant) ?? []), test]);
        hits.set(mutant, (hits.get(mutant) ?? 0) + count);
      }
    for (const mutant of new Set([...Object.keys(onImport), ...tests.keys()])) {
      if (found.get(mutant) === 'killed' || found.get(mutant) === 'timed out') continue;
      const anew = mutant in onImport;
      if (anew) vi.resetModules();
      const limit = 100 * ((hits.get(mutant) ?? 0) + (onImport[mutant] ?? 0)) + 1000;
      Object.assign(switches, { activeMutant: mutant, hitCount: 0, hitLimit: limit });
      const failed = await this.#fails(filepath, anew ? undefined : (tests.get(mutant) ?? []));
      const endless = (switches.hitCount ?? 0) > limit;
      Object.assign(switches, { activeMutant: undefined, hitCount: undefined });
      if (anew) vi.resetModules();
      found.set(mutant, endless ? 'timed out' : failed ? 'killed' : 'survived');
      writeFileSync(process.env['MUTATION_FOUND'] ?? '', JSON.stringify([...found]));
    }
    // The tests of the next file are counted by themselves; what is made on import is made once for all of them.
    switches.mutantCoverage = { static: onImport, perTest: {} };
  }

  async #fails(filepath: string, testIds: string[] | undefined): Promise<boolean> {
    let failed = false;
    const quiet = Object.assign(Object.create(this) as SwitchingRunner, {
      onCollected: nothing,
      onTaskUpdate: nothing,
      onAfterRunFiles: nothing,
      onCleanupWorkerContext: nothing,
      config: Object.assign(Object.create(this.config) as typeof this.config, { testTimeout: 20_000 }),
      onAfterRunTask(test: RunnerTestCase) {
        failed ||= test.result?.state === 'fail';
      },
      async onBeforeRunTask(test: RunnerTestCase) {
        if (failed) test.mode = 'skip';
        await TestRunner.prototype.onBeforeRunTask.call(quiet, test);
      },
    });
    const files = await startTests([{ filepath, ...(testIds === undefined ? {} : { testIds }) }], quiet);
    return failed || files.some(({ result }) => result?.state === 'fail');
  }
}

async function nothing(): Promise<void> {
  // Nobody is told.
}
