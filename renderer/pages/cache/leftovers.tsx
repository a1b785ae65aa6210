import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { CacheList } from '../../../preload/contract/cache.ts';
import { Section } from '../../parts/page.tsx';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { usePreview } from './cache-queries.ts';
import type { NodeChoice } from './image-selection.ts';
import { PruneConfirm } from './prune-confirm.tsx';
import styles from './prune.module.css';

/** A hundred years: a prune of what was unused for so long takes no image, only what no image needs. Seconds. */
const noImage = 3_155_760_000;

/** Bytes on a node's disk that no cached image needs, and the way to be rid of them. */
export function Leftovers({
  lists,
  onPrune,
}: {
  readonly lists: readonly CacheList[];
  readonly onPrune: (choices: readonly NodeChoice[]) => void;
}) {
  const t = useWords('cache');
  const { bytes } = useFigures();
  const [asking, setAsking] = useState(false);
  const left = lists.filter((list) => (list.leftoverBytes ?? 0) > 0);
  const choices = useMemo(
    (): readonly NodeChoice[] =>
      asking ? lists.map(({ node }) => ({ node, policy: { kind: 'older-than', seconds: noImage } })) : [],
    [lists, asking],
  );
  const preview = usePreview(choices);
  if (left.length === 0) return null;
  const size = bytes(left.reduce((sum, list) => sum + (list.leftoverBytes ?? 0), 0));
  return (
    <Section title={t('leftovers')} actions={<Button onClick={() => setAsking(true)}>{t('remove-leftovers')}</Button>}>
      <p className={styles.words}>{t('leftovers-what', { size })}</p>
      <PruneConfirm
        question={{ choices, preview, heldBytes: 0 }}
        opened={asking}
        title={t('leftovers-title')}
        onPrune={onPrune}
        onClose={() => setAsking(false)}
      />
    </Section>
  );
}
