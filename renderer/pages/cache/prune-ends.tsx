import { ActionIcon } from '@mantine/core';
import { Icon } from '../../parts/icons.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import type { PruneEnd } from './cache-queries.ts';
import styles from './prune.module.css';

/** How the prunes of this page ended, node by node, until it is closed. */
export function PruneEnds({ ends, onClose }: { readonly ends: readonly PruneEnd[]; readonly onClose: () => void }) {
  const t = useWords('cache');
  return (
    <div className={styles.ends}>
      <div className={styles.endList}>
        {ends.map((end) => (
          <End key={end.node} end={end} />
        ))}
      </div>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('close-result')} onClick={onClose}>
        <Icon name="close" size={14} />
      </ActionIcon>
    </div>
  );
}

function End({ end }: { readonly end: PruneEnd }) {
  const t = useWords('cache');
  const { bytes, count } = useFigures();
  const problem = end.problem ?? end.task?.problem;
  if (problem) return <ProblemCard problem={problem} />;
  if (end.task?.state !== 'done') return <p role="status">{t('pruned-not', { node: end.node })}</p>;
  const images = Number(end.task.outcome?.['images'] ?? 0);
  const size = bytes(Number(end.task.outcome?.['freedBytes'] ?? 0));
  return <p role="status">{t('pruned', { count: images, number: count(images), size, node: end.node })}</p>;
}
