import type { Words } from '../../words/words.ts';
import { pinOf } from './image-pins.ts';
import type { ImageRow } from './image-row.ts';
import type { Answer } from './image-selection.ts';

/** Why an image that was meant stays. `said` is the node's own sentence, for a reason that this page does not know. */
export interface Kept {
  readonly key: string;
  readonly node: string;
  readonly name: string;
  readonly why: 'pinned' | 'recent' | 'said';
  readonly said: string;
}

/** Used within this time and so never pruned, unless asked otherwise; ms. The core's own default (an hour). */
export const graceMs = 3_600_000;

/**
 * The reasons of an answer, told from the facts at hand: a pin, or a use within the grace. The node's sentence begins with the image's
 * name; where no row fits it, it is shown as it is.
 */
export function keptOf(
  answer: Answer,
  rows: readonly ImageRow[],
  pins: ReadonlyMap<string, readonly string[]>,
  now: number,
): readonly Kept[] {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return answer.kept.map(({ node, why: said }) => {
    const name = said.split(' ', 1)[0] ?? said;
    const key = `${node} ${name}`;
    const row = byKey.get(key);
    if (row === undefined) return { key: `${node} ${said}`, node, name: said, why: 'said', said };
    if (pinOf(row, pins.get(node) ?? []).kind !== 'none') return { key, node, name, why: 'pinned', said };
    return { key, node, name, why: row.image.lastUse > now - graceMs * 2 ? 'recent' : 'said', said };
  });
}

export function keptText(kept: Kept, t: Words<'cache'>): string {
  switch (kept.why) {
    case 'pinned':
      return t('kept-pinned', { name: kept.name });
    case 'recent':
      return t('kept-recent', { name: kept.name });
    case 'said':
      return kept.said;
  }
}
