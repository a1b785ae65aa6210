/** The first switch of an engine backs up at most twice: before its mirrors are forgotten, and before ours are written. */
const firstKept = 2;
/** And so many of the last, for a person who looks for what a file held before; no undo of ours reads them. */
const lastKept = 8;

/**
 * Which backups of an engine stay, oldest first: the original ones, which nothing can make again, and the last few. The others would only
 * grow with every switch. Pure.
 */
export function keptBackups(ids: readonly string[]): {
  readonly keep: readonly string[];
  readonly forget: readonly string[];
} {
  const forget = ids.slice(firstKept, Math.max(firstKept, ids.length - lastKept));
  return { keep: ids.filter((id) => !forget.includes(id)), forget };
}
