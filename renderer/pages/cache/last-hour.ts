import type { Answer, NodeChoice } from './image-selection.ts';

/** The same prunes, with what was used or written within the last hour among what may go (`on`) or as the core does it by itself. */
export function withLastHour(choices: readonly NodeChoice[], on: boolean): readonly NodeChoice[] {
  return choices.map(({ node, policy }) => ({ node, policy, ...(on ? { graceSeconds: 0 } : {}) }));
}

/**
 * Whether the hour may hold something back: an image stays for it, or what goes frees less than it holds alone. An image's files can be
 * younger than its last use says, and layers of a repository that was not understood stay too, so only a second count tells how much.
 */
export function mayBeHeld({ freedBytes, victims, kept }: Answer): boolean {
  const alone = victims.reduce((sum, { image }) => sum + image.exclusiveBytes, 0);
  return alone > freedBytes || kept.some(({ why }) => why.code === 'image-used-within-hour');
}

/** What the hour holds back: what the same prunes would free without it, less what they free. Never below zero: the cache lives on. */
export function heldBytes(answer: Answer, withoutHour: Answer): number {
  return Math.max(0, withoutHour.freedBytes - answer.freedBytes);
}
