/** How old a figure may be where its node does not say: two rounds of the usual watch, in ms. */
const usualStaleAfterMs = 90_000;

/** Whether a figure measured `at` (ms since 1970) says nothing about now. One that was never measured is not stale: it is not there. */
export function isStale(facts: {
  readonly connected: boolean;
  readonly at: number | undefined;
  readonly staleAfterMs: number | undefined;
  readonly now: number;
}): boolean {
  if (facts.at === undefined) return false;
  return !facts.connected || facts.now - facts.at > (facts.staleAfterMs ?? usualStaleAfterMs);
}
