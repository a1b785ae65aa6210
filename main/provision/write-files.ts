import { fail } from '../../preload/contract/problem.ts';
import type { Host } from '../hosts/host.ts';
import { directoriesScript, restoreScript, writeScript } from './remote-scripts.ts';
import type { NodeDirectory } from './render/node-files.ts';
import { tarArchive } from './tar-archive.ts';

/** A file as it is written: no more than its bytes, mode and owner. */
export interface FileToWrite {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly owner: { readonly uid: number; readonly gid: number };
}

/** What becomes of the old versions: `fresh` starts a new set in .previous, `keep` adds to it, `only` keeps none. */
export type Keep = 'fresh' | 'keep' | 'only';

const writeTimeout = 120_000;

function writeProblem(host: Host, what: string, output: string): never {
  const full = /No space left|Disk quota/i.test(output);
  fail({
    code: full ? 'disk-full' : 'write-failed',
    message: `${what} on ${host.name} failed${full ? ': its disk is full' : ''}. Every file there is either the old or the new one, none is half written.`,
    hint: full
      ? 'Free some space there, or prune the cache, then apply again: it goes on where it stopped.'
      : 'The detail holds what the server said. Apply again when that is cured: it goes on where it stopped.',
    retryable: true,
    detail: { output: output.slice(-2000) },
  });
}

/** Writes files in the order given, all in one round trip; each by rename. Problems: `disk-full`, `write-failed`. */
export async function writeFiles(host: Host, base: string, files: readonly FileToWrite[], keep: Keep): Promise<void> {
  if (files.length === 0 && keep !== 'fresh') return;
  const archive = tarArchive(
    files.map(({ path, text, mode, owner }) => ({
      path,
      bytes: Buffer.from(text),
      mode,
      uid: owner.uid,
      gid: owner.gid,
    })),
  );
  const result = await host.run({
    argv: ['sh', '-c', writeScript, 'sh', base, keep, ...files.map((file) => file.path)],
    input: archive,
    elevated: true,
    timeoutMs: writeTimeout,
  });
  if (result.code !== 0) writeProblem(host, 'Writing files', result.stderr);
}

/** Makes folders and links, parents first, with mode and owner; what is right already stays untouched. */
export async function makeDirectories(host: Host, base: string, directories: readonly NodeDirectory[]): Promise<void> {
  if (directories.length === 0) return;
  const lines = directories.map(({ path, mode, owner, target }) =>
    target === undefined ? `dir|${path}|${mode.toString(8)}|${owner.uid}|${owner.gid}` : `link|${path}|${target}||`,
  );
  const result = await host.run({
    argv: ['sh', '-c', directoriesScript, 'sh', base],
    input: `${lines.join('\n')}\n`,
    elevated: true,
    timeoutMs: writeTimeout,
  });
  if (result.code !== 0) writeProblem(host, 'Making folders', result.stderr);
}

/** Takes written files back, in the order given: what was kept returns, what is new goes; or retires files into what is kept. */
export async function restoreFiles(
  host: Host,
  base: string,
  files: readonly { readonly path: string; readonly verb: 'restore' | 'delete' | 'retire' }[],
): Promise<void> {
  if (files.length === 0) return;
  const result = await host.run({
    argv: ['sh', '-c', restoreScript, 'sh', base, ...files.flatMap(({ verb, path }) => [verb, path])],
    elevated: true,
    timeoutMs: writeTimeout,
  });
  if (result.code !== 0) writeProblem(host, 'Putting the previous files back', result.stderr);
}
