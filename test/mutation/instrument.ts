import { Instrumenter } from '@stryker-mutator/instrumenter';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One change of the code that can be switched on by its id. Lines and columns count from 0. */
export type Mutant = Awaited<ReturnType<Instrumenter['instrument']>>['mutants'][number];

const no = () => false;
const silent = () => undefined;
const logger = {
  isTraceEnabled: no,
  isDebugEnabled: no,
  isInfoEnabled: no,
  isWarnEnabled: no,
  isErrorEnabled: no,
  isFatalEnabled: no,
  trace: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  fatal: silent,
};

/** The files with every mutant of Stryker's in them, switched off, by their paths; and the list of the mutants. */
export async function instrument(
  root: string,
  globs: readonly string[],
): Promise<{ readonly files: ReadonlyMap<string, string>; readonly mutants: readonly Mutant[] }> {
  const sources = globs
    .flatMap((glob) => globSync(glob, { cwd: root }))
    .map((name) => join(root, name))
    .map((name) => ({ name, mutate: true, content: readFileSync(name, 'utf8') }));
  const options = { plugins: null, excludedMutations: [], ignorers: [], noHeader: false };
  const { files, mutants } = await new Instrumenter(logger).instrument(sources, options);
  return { files: new Map(files.map(({ name, content }) => [name, content])), mutants };
}
