import type { PreparedSwitch } from './runtime.ts';
import { same } from './same-list.ts';

/**
 * Whether an engine reports what a switch wants in the end. What it reports of the registries that our file no longer speaks for (`name → mirror`)
 * is the user's affair as long as it is none of `ours`. Pure.
 */
export function takenOver(
  live: readonly string[],
  { expectedMirrors, uncovered = [] }: Pick<PreparedSwitch, 'expectedMirrors' | 'uncovered'>,
  ours: readonly string[],
): boolean {
  const users = (each: string): boolean =>
    !ours.includes(each) && uncovered.some((name) => each.startsWith(`${name} → `));
  return same(
    live.filter((each) => !users(each)),
    expectedMirrors,
  );
}
