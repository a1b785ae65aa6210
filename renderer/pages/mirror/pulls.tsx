import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Pull } from '../../../preload/contract/history.ts';
import type { MirrorView } from '../../../preload/contract/status.ts';
import { useCore } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { Age } from '../../parts/age.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Bytes, Latency } from '../../parts/figure.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { byNumber, byText } from '../../parts/table-model.ts';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { useWords } from '../../words/words.ts';
import styles from './mirror.module.css';

const shown = 50;
const imageOf = ({ repository, reference }: Pull): string =>
  reference.startsWith('sha256:') ? `${repository}@${reference.slice(0, 19)}` : `${repository}:${reference}`;

/** The last pulls through this mirror: when, what, who, how much. Asked anew as its own counters move. */
export function Pulls({ mirror }: { readonly mirror: MirrorView }) {
  const t = useWords('mirror');
  const core = useCore();
  const { node, upstream, traffic } = mirror;
  const pulls = useQuery({
    queryKey: ['node', 'pulls', node, upstream, traffic ? traffic.hits + traffic.misses : 0],
    queryFn: ({ signal }) => core.node.pulls({ name: node, upstream, limit: shown }, { signal }),
    placeholderData: keepPreviousData,
  });
  const columns = useMemo((): readonly Column<Pull>[] => {
    const end = { align: 'end' } as const;
    return [
      {
        id: 'when',
        title: t('when'),
        width: '7.5rem',
        cell: ({ at }) => <Age at={at} />,
        compare: byNumber(({ at }) => at),
      },
      {
        id: 'image',
        title: t('image'),
        width: 'minmax(14rem, 2fr)',
        cell: (pull) => (
          <span className="mf-clip" title={imageOf(pull)}>
            {imageOf(pull)}
          </span>
        ),
        compare: byText(imageOf),
      },
      {
        id: 'who',
        title: t('who'),
        width: 'minmax(8rem, 1fr)',
        cell: ({ who }) => (
          <span className="mf-clip" title={who}>
            {who}
          </span>
        ),
        compare: byText(({ who }) => who),
      },
      {
        id: 'with',
        title: t('with'),
        width: 'minmax(8rem, 1fr)',
        cell: ({ agent }) => (
          <span className="mf-clip" title={agent}>
            {agent}
          </span>
        ),
      },
      {
        id: 'from',
        title: t('from'),
        width: '8rem',
        cell: ({ client }) => (
          <span className="mf-clip" title={client}>
            {client}
          </span>
        ),
      },
      {
        id: 'bytes',
        title: t('size'),
        width: '5.5rem',
        ...end,
        cell: ({ bytes }) => <Bytes value={bytes} />,
        compare: byNumber(({ bytes }) => bytes),
      },
      {
        id: 'ms',
        title: t('took'),
        width: '5.5rem',
        ...end,
        cell: ({ ms }) => <Latency ms={ms} />,
        compare: byNumber(({ ms }) => ms),
      },
      {
        id: 'status',
        title: t('status'),
        width: '5rem',
        cell: ({ status }) => (
          <StateMark state={status < 400 ? 'up' : status < 500 ? 'degraded' : 'down'} word={String(status)} />
        ),
      },
    ];
  }, [t]);
  return (
    <Section title={t('pulls')}>
      {pulls.isPending && <SkeletonRows rows={5} />}
      {pulls.isError && <ProblemCard problem={problemOf(pulls.error)} mild />}
      {pulls.data?.length === 0 && <p className={styles.dim}>{t('pulls-empty')}</p>}
      {pulls.data && pulls.data.length > 0 && (
        <DataTable
          label={t('pulls')}
          columns={columns}
          rows={pulls.data}
          rowKey={(pull) => `${String(pull.at)} ${pull.who} ${pull.client} ${imageOf(pull)}`}
          maxHeight={26}
        />
      )}
    </Section>
  );
}
