import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';

const resultSchema = z.object({
  name: z.string(),
  status: z.string(),
  message: z.string().default(''),
  assertionResults: z.array(
    z.object({
      ancestorTitles: z.array(z.string()),
      title: z.string(),
      status: z.string(),
      failureMessages: z.array(z.string()).nullish(),
    }),
  ),
});

/** What of a report of vitest (`--reporter=json`) is read here. */
export const reportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numTotalTests: z.int(),
  testResults: z.array(resultSchema),
});

/** Lines of a message that are kept: what was expected and where fits, a page that was waited for does not. */
const kept = 14;

function cut(message: string): string[] {
  const lines = stripVTControlCharacters(message)
    .trimEnd()
    .split('\n')
    .filter((line) => !line.includes('/node_modules/vitest/'));
  return (lines.length > kept ? [...lines.slice(0, kept), `… ${lines.length - kept} lines more`] : lines).map(
    (line) => `    ${line}`,
  );
}

/**
 * What failed in one stage, for the end of a run: a whole run prints thousands of lines, and whoever sees only its last hundred has to know what to look for.
 * @param report what vitest reported
 * @param root the checkout, left out of the files' names
 * @returns each failed test with its file, its title and the beginning of what it said, in the report's order; a file that failed as a whole (a hook, an import) is there by itself
 */
export function failuresOf(report: z.infer<typeof reportSchema>, root: string): readonly string[] {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name;
    const tests = assertionResults.filter((test) => test.status === 'failed');
    if (tests.length === 0) return status === 'failed' ? [`✕ ${file}`, ...cut(message)] : [];
    return tests.flatMap(({ ancestorTitles, title, failureMessages }) => [
      `✕ ${[file, ...ancestorTitles, title].join(' > ')}`,
      ...(failureMessages ?? []).flatMap(cut),
    ]);
  });
}
