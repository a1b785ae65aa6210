import { useMemo } from 'react';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Bytes } from '../../parts/figure.tsx';
import { Fold } from '../../parts/fold.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { useSay } from '../../words/use-say.ts';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import type { PruneQuestion } from './cache-queries.ts';
import { imageName } from './image-row.ts';
import type { Answer } from './image-selection.ts';
import styles from './prune.module.css';

type Victim = Answer['victims'][number];
const victimKey = ({ node, image }: Victim): string => `${node} ${imageName(image)}`;

/** What a prune would take away, image by image, what stays and why, and what it means for those who pull. */
export function PrunePreviewView({ question }: { readonly question: PruneQuestion }) {
  const t = useWords('cache');
  const { bytes, count } = useFigures();
  const { answer, problem } = question.preview;
  const manyNodes = question.choices.length > 1;
  const columns = useMemo(
    (): readonly Column<Victim>[] => [
      {
        id: 'image',
        title: t('column-image'),
        width: 'minmax(14rem, 1fr)',
        cell: ({ image }) => <span title={imageName(image)}>{imageName(image)}</span>,
      },
      ...(manyNodes
        ? [{ id: 'node', title: t('column-node'), width: '7.5rem', cell: ({ node }: Victim) => node }]
        : []),
      {
        id: 'size',
        title: t('column-size'),
        width: '6rem',
        align: 'end',
        cell: ({ image }) => <Bytes value={image.bytes} />,
      },
    ],
    [t, manyNodes],
  );
  if (problem) return <ProblemCard problem={problem} />;
  if (answer === undefined) return <SkeletonRows rows={5} />;
  const images = answer.victims.length;
  const lastHour = question.choices.some(({ graceSeconds }) => graceSeconds === 0);
  return (
    <>
      <p className={styles.sum} role="status">
        {images === 0 && answer.blobs === 0
          ? t('nothing-goes')
          : images === 0
            ? t('only-leftovers-go', { size: bytes(answer.freedBytes) })
            : t('sum', { count: images, number: count(images), size: bytes(answer.freedBytes) })}
        {question.heldBytes > 0 && (
          <span className={styles.held}> {t('held-by-hour', { size: bytes(question.heldBytes) })}</span>
        )}
      </p>
      {images > 0 && (
        <DataTable
          label={t('goes')}
          columns={columns}
          rows={answer.victims}
          rowKey={victimKey}
          maxHeight={14}
          rowHeight={30}
        />
      )}
      <KeptList kept={answer.kept} />
      {(images > 0 || answer.blobs > 0) && <p className={styles.means}>{t(lastHour ? 'means-last-hour' : 'means')}</p>}
    </>
  );
}

function KeptList({ kept }: { readonly kept: Answer['kept'] }) {
  const t = useWords('cache');
  const { count } = useFigures();
  const say = useSay();
  if (kept.length === 0) return null;
  return (
    <Fold title={t('kept', { count: kept.length, number: count(kept.length) })} open={kept.length <= 5}>
      {/* Scrolls by itself, so it must be reachable by the Tab key. */}
      <section
        className={styles.kept}
        tabIndex={0}
        aria-label={t('kept', { count: kept.length, number: count(kept.length) })}
      >
        <ul>
          {kept.slice(0, keptShown).map(({ node, why }) => (
            <li key={`${node} ${why.values?.['image'] ?? ''}`}>{say(why)}</li>
          ))}
          {kept.length > keptShown && <li>{t('kept-more', { number: count(kept.length - keptShown) })}</li>}
        </ul>
      </section>
    </Fold>
  );
}

/** Nobody reads more reasons than these; the number of all is said. */
const keptShown = 200;
