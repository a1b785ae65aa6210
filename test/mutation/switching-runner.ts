import { writeFileSync } from 'node:fs';
import { type RunnerTask, type RunnerTestCase, type RunnerTestFile, TestRunner, vi } from 'vitest';
import { startTests } from 'vitest/internal/browser';

type Hits = Readonly<Record<string, number>>;

/** What the switches that Stryker puts into a file look at and count in. */
interface Switches {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: { readonly static: Hits; readonly perTest: Readonly<Record<string, Hits>> } | undefined;
}
const world = globalThis as { __stryker__?: Switches; __mutantsFound__?: Map<string, Found> };
const switches: Switches = (world.__stryker__ ??= {});

/** What became of a mutant. Ids that are not there were reached by no test. */
export type Found = 'killed' | 'timed out' | 'survived';
/** Shared by all test files, which run in one worker. */
const found: Map<string, Found> = (world.__mutantsFound__ ??= new Map());

/**
 * Runs a test file as it is and notes which mutants each test reaches, then calls the bodies of these tests again with each mutant on, until one
 * fails. All in one process: loading everything anew for each mutant takes a hundred times as long. Only for the mutants that sit in what is made
 * on import is the file loaded anew. Hooks are run once, so tests that live by `beforeEach` have no place here.
 */
// oxlint-disable-next-line import/no-default-export -- vitest takes a runner's default export.
export default class SwitchingRunner extends TestRunner {
  override onBeforeTryTask(test: RunnerTestCase, options: { retry: number; repeats: number }): void {
    super.onBeforeTryTask(test, options);
    if (switches.activeMutant === undefined) switches.currentTestId = test.id;
  }

  override onAfterRunTask(test: RunnerTestCase): void {
    if (switches.activeMutant === undefined) switches.currentTestId = undefined;
    super.onAfterRunTask(test);
  }

  // oxlint-disable-next-line typescript/no-misused-promises -- startTests waits for it; only the class's own type does not say so.
  override async onAfterRunFiles(files: RunnerTestFile[]): Promise<void> {
    super.onAfterRunFiles(files);
    // What the reporters have not heard yet of this file is told before the mutants' runs, of which they hear nothing.
    await startTests([], Object.assign(Object.create(this) as SwitchingRunner, { onAfterRunFiles: nothing }));
    const { perTest, static: onImport } = structuredClone(switches.mutantCoverage ?? { perTest: {}, static: {} });
    // What runs from here on runs with a mutant on, and says nothing of what the tests reach.
    switches.currentTestId = 'mutants';
    for (const file of files) {
      if (file.result?.state !== 'pass') throw new Error(`${file.name} fails as it is; mutants would tell nothing`);
      const reached = new Map<string, RunnerTestCase[]>();
      for (const test of testsOf(file))
        for (const mutant of Object.keys(perTest[test.id] ?? {}))
          reached.set(mutant, [...(reached.get(mutant) ?? []), test]);
      for (const [mutant, tests] of reached) {
        if (mutant in onImport) continue;
        const hits = tests.reduce((sum, { id }) => sum + (perTest[id]?.[mutant] ?? 0), 0);
        await switchedOn(mutant, hits, () => oneFails(tests));
      }
      if (await oneFails(testsOf(file))) throw new Error(`${file.name}: a mutant left something behind`);
      for (const [mutant, hits] of Object.entries(onImport))
        await switchedOn(mutant, hits, async () => {
          vi.resetModules();
          return this.#failsAnew(file.filepath);
        });
      // The next file makes anew what it imports, and is counted by itself.
      vi.resetModules();
    }
    Object.assign(switches, { mutantCoverage: undefined, currentTestId: undefined });
  }

  /** Loads the file anew and runs it until a test fails. */
  async #failsAnew(filepath: string): Promise<boolean> {
    let failed = false;
    const quiet = Object.assign(Object.create(this) as SwitchingRunner, {
      onCollected: nothing,
      onTaskUpdate: nothing,
      onAfterRunFiles: nothing,
      onCleanupWorkerContext: nothing,
      onAfterRunTask(test: RunnerTestCase) {
        failed ||= test.result?.state === 'fail';
      },
      async onBeforeRunTask(test: RunnerTestCase) {
        if (failed) test.mode = 'skip';
        await TestRunner.prototype.onBeforeRunTask.call(quiet, test);
      },
    });
    const files = await startTests([{ filepath }], quiet);
    return failed || files.some(({ result }) => result?.state === 'fail');
  }
}

/** Notes what becomes of a mutant, unless a test has found it already. `hits` is how often it is passed by when it is off. */
async function switchedOn(mutant: string, hits: number, fails: () => Promise<boolean>): Promise<void> {
  const before = found.get(mutant);
  if (before === 'killed' || before === 'timed out') return;
  const hitLimit = 100 * hits + 1000;
  Object.assign(switches, { activeMutant: mutant, hitCount: 0, hitLimit });
  const failed = await fails();
  const endless = (switches.hitCount ?? 0) > hitLimit;
  Object.assign(switches, { activeMutant: undefined, hitCount: undefined });
  found.set(mutant, endless ? 'timed out' : failed ? 'killed' : 'survived');
  writeFileSync(process.env['MUTATION_FOUND'] ?? '', JSON.stringify([...found]));
}

async function oneFails(tests: readonly RunnerTestCase[]): Promise<boolean> {
  for (const test of tests)
    try {
      await TestRunner.getTestFn(test)();
    } catch {
      return true;
    }
  return false;
}

function testsOf(task: RunnerTask): readonly RunnerTestCase[] {
  return task.type === 'test' ? [task] : task.tasks.flatMap(testsOf);
}

async function nothing(): Promise<void> {
  // Nobody is told.
}
