import type { FileChange } from '../../preload/contract/runtime.ts';

/** The lines a unified diff takes away and puts in, in order; none where it has no hunk. Undefined for a key, whose text is never shown. */
function linesOf(diff: string): { readonly out: string; readonly in: string } | undefined {
  const lines = diff.split('\n');
  if (/^[-+]private key, /m.test(diff)) return undefined;
  const start = lines.findIndex((line) => line.startsWith('@@'));
  const body = start === -1 ? [] : lines.slice(start);
  const begun = (mark: string): string =>
    body
      .filter((line) => line.startsWith(mark))
      .map((line) => line.slice(1))
      .join('\n');
  return { out: begun('-'), in: begun('+') };
}

/**
 * Whether changes to come would undo exactly the changes that were made: the same files, each losing the lines it got and getting those it
 * lost. What somebody else changed beside them does not matter; it stays. Pure.
 */
export function isOpposite(made: readonly FileChange[], coming: readonly FileChange[]): boolean {
  const last = new Map(made.map((change) => [change.path, change]));
  if (last.size !== new Set(coming.map(({ path }) => path)).size) return false;
  return coming.every((change) => {
    const other = last.get(change.path);
    if (other === undefined || change.action !== opposites[other.action]) return false;
    const [there, back] = [linesOf(other.diff), linesOf(change.diff)];
    if (there === undefined || back === undefined) return true;
    return there.in === back.out && there.out === back.in;
  });
}

const opposites: Readonly<Record<FileChange['action'], FileChange['action']>> = {
  create: 'delete',
  delete: 'create',
  change: 'change',
};
