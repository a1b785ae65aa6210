import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import type { MirrorHistory } from '../../../preload/contract/history.ts';
import type { MirrorView } from '../../../preload/contract/status.ts';
import { useCore } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { Choice } from '../../parts/choice.tsx';
import { Fold } from '../../parts/fold.tsx';
import { Hint } from '../../parts/hint.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { chartData, openingRange, type Range, rangeNames, ranges, tableRows, trafficSum } from './chart-data.ts';
import { lineStyles } from './line-styles.ts';
import { hitShare, savedBytes } from './mirror-figures.ts';
import styles from './mirror.module.css';

const LatencyChart = lazy(async () => ({ default: (await import('./latency-chart.tsx')).LatencyChart }));
const points = 300;

interface Past {
  readonly from: number;
  readonly to: number;
  readonly history: MirrorHistory;
}

/** How fast the mirror was and what it did, over the chosen time; until one is chosen, over what fits what is known. Asked anew when it was measured anew, no more often than it could be seen. */
export function HistorySection({ mirror }: { readonly mirror: MirrorView }) {
  const t = useWords('mirror');
  const core = useCore();
  const [chosen, setChosen] = useState<Range>();
  const { node, upstream } = mirror;
  // Decided once, so that the time shown does not change under the reader's eyes when the node grows older.
  const opening = useQuery({
    queryKey: ['node', 'history', node, upstream, 'opening'],
    queryFn: async ({ signal }): Promise<Range> => {
      const to = Date.now();
      return openingRange(
        await core.node.history({ node, upstream, from: to - ranges['24h'], to, points }, { signal }),
        to,
      );
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const range = chosen ?? opening.data ?? '24h';
  const tick = Math.floor((mirror.at ?? 0) / Math.max(30_000, ranges[range] / points));
  const past = useQuery({
    queryKey: ['node', 'history', node, upstream, range, tick],
    queryFn: async ({ signal }): Promise<Past> => {
      const to = Date.now();
      const from = to - ranges[range];
      return { from, to, history: await core.node.history({ node, upstream, from, to, points }, { signal }) };
    },
    enabled: chosen !== undefined || !opening.isPending,
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <Section
        title={t('history')}
        actions={
          <Choice
            label={t('range')}
            value={range}
            onChoose={setChosen}
            options={rangeNames.map((value) => [value, t(`range-${value}`)])}
          />
        }
      >
        {past.isPending && <SkeletonRows rows={7} height={32} />}
        {past.isError && <ProblemCard problem={problemOf(past.error)} mild />}
        {past.data && <Shown past={past.data} range={range} />}
      </Section>
      {past.data && <TrafficSection past={past.data} range={range} />}
    </>
  );
}

function Shown({ past, range }: { readonly past: Past; readonly range: Range }) {
  const t = useWords('mirror');
  const { ms, count, moment } = useFigures();
  const data = useMemo(() => chartData(past.history), [past.history]);
  if (data.times.length === 0) return <p className={styles.dim}>{t('history-empty')}</p>;
  const methods = { cached: t('cached-method'), uncached: t('uncached-method'), direct: t('direct-method') };
  const names = { cached: t('cached'), uncached: t('uncached'), direct: t('direct') };
  const rows = tableRows(past.history, past.from, past.to);
  return (
    <>
      <ul className={styles.legend}>
        {lineStyles.map(({ id, colour, width, dash }) => (
          <li key={id}>
            <Hint hint={() => methods[id]}>
              <svg viewBox="0 0 24 8" className={styles.sample} aria-hidden="true">
                <path d="M0 4H24" stroke={`var(${colour})`} strokeWidth={width} strokeDasharray={dash?.join(' ')} />
              </svg>
              {names[id]}
            </Hint>
          </li>
        ))}
        <li>
          <svg viewBox="0 0 8 8" className={styles.tick} aria-hidden="true">
            <path d="M4 0V8" stroke="var(--mf-down)" strokeWidth="2" />
          </svg>
          {t('failed')}
        </li>
      </ul>
      <Suspense fallback={<div className={styles.chart} />}>
        <LatencyChart
          data={data}
          from={past.from}
          to={past.to}
          label={t('chart-label', { range: t(`range-${range}`) })}
        />
      </Suspense>
      <Fold title={t('as-table')}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('time')}</th>
              <th scope="col">{t('cached')}</th>
              <th scope="col">{t('uncached')}</th>
              <th scope="col">{t('direct')}</th>
              <th scope="col">{t('failed')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.at}>
                <th scope="row">{moment(row.at)}</th>
                <td>{ms(row.cached)}</td>
                <td>{ms(row.uncached)}</td>
                <td>{ms(row.direct)}</td>
                <td>{count(row.failed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Fold>
    </>
  );
}

function TrafficSection({ past, range }: { readonly past: Past; readonly range: Range }) {
  const t = useWords('mirror');
  const { count, percent, bytes } = useFigures();
  const sum = trafficSum(past.history);
  return (
    <Section title={t('traffic', { range: t(`range-${range}`) })}>
      <Facts>
        <Fact name={t('hits')}>
          <Hint hint={() => t('hits-method')}>
            {t('hits-of', { hits: count(sum.hits), misses: count(sum.misses), share: percent(hitShare(sum)) })}
          </Hint>
        </Fact>
        <Fact name={t('served')}>
          <Hint hint={() => t('served-method')}>{bytes(sum.servedBytes)}</Hint>
        </Fact>
        <Fact name={t('fetched')}>
          <Hint hint={() => t('fetched-method')}>{bytes(sum.fetchedBytes)}</Hint>
        </Fact>
        <Fact name={t('saved')}>
          <Hint hint={() => t('saved-method')}>{bytes(savedBytes(sum))}</Hint>
        </Fact>
      </Facts>
    </Section>
  );
}
