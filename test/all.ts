import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { failuresOf, reportSchema } from './failures.ts';

/**
 * `npm test`: first makes sure of the real programs that the tests meet, then check → unit → pages → package → integration → e2e → endurance → desktop, and ends with
 * what failed, if anything did, and one line that counts them all. A check that fails ends it there: nothing after it would be worth reading.
 */
const reports = 'test/artefacts/reports';
let passed = 0;
let failed = 0;
const failures: string[] = [];

function run(argv: readonly string[]): Promise<number> {
  const [program = '', ...rest] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, rest, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', (error) => {
      console.error(String(error));
      resolve(127);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** Runs one stage of vitest and adds its counts; a stage that ends badly without a report counts as one failure. */
async function stage(name: string, script: string): Promise<void> {
  const report = `${reports}/${name}.json`;
  const started = Date.now();
  console.log(`\n── ${name}`);
  const code = await run([
    'npm',
    'run',
    '--silent',
    script,
    '--',
    '--reporter=verbose',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  const counts = existsSync(report) ? reportSchema.parse(JSON.parse(readFileSync(report, 'utf8'))) : undefined;
  const stageFailed = counts?.numFailedTests ?? 0;
  passed += counts?.numPassedTests ?? 0;
  failed += code !== 0 && stageFailed === 0 ? 1 : stageFailed;
  if (counts?.numTotalTests === 0) failed += 1;
  if (counts !== undefined) failures.push(...failuresOf(counts, process.cwd()));
  console.log(
    `── ${name}: ${counts?.numPassedTests ?? 0} passed, ${stageFailed} failed, exit ${code} (${Math.round((Date.now() - started) / 1000)} s)`,
  );
}

function conclude(): void {
  if (failures.length > 0) console.log(`\n── what failed\n${failures.join('\n')}`);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const { ensurePrerequisites } = await import('./lab/prerequisites.ts');
try {
  await ensurePrerequisites();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  failed += 1;
  conclude();
  process.exit(1);
}
if ((await run(['npm', 'run', '--silent', 'check'])) === 0) {
  passed += 1;
  await stage('unit', 'test:unit');
  await stage('pages', 'test:pages');
  await stage('package', 'test:package');
  await stage('integration', 'test:integration');
  await stage('e2e', 'test:e2e');
  await stage('endurance', 'test:endurance');
  await stage('desktop', 'test:desktop');
} else failed += 1;
conclude();
