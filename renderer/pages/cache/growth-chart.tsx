import { useElementSize } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { Choice } from '../../parts/choice.tsx';
import { useNow } from '../../parts/now.ts';
import { Section } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { problemOf } from '../../core/problems.ts';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { useGrowth } from './cache-queries.ts';
import styles from './growth-chart.module.css';
import { growthPath } from './growth-path.ts';

const day = 86_400_000;
const spans = { '1': day, '7': 7 * day, '30': 30 * day, '90': 90 * day } as const;
type Span = keyof typeof spans;

const height = 176;
const margin = { top: 8, bottom: 20 };

/** How a node's cache grew. Times without measurements are left out and hatched, never bridged. */
export function GrowthChart({ node }: { readonly node: string }) {
  const t = useWords('cache');
  const figures = useFigures();
  const [span, setSpan] = useState<Span>('7');
  const to = useNow(600_000);
  const from = to - spans[span];
  const growth = useGrowth(node, from, to);
  const { ref, width } = useElementSize<HTMLDivElement>();
  const points = growth.data?.points;
  const path = useMemo(
    () => growthPath(points ?? [], from, to, width, height - margin.top - margin.bottom),
    [points, from, to, width],
  );
  const [first, last] = [points?.[0], points?.at(-1)];
  const said =
    first && last
      ? t('growth-said', { from: figures.bytes(first.cacheBytes), to: figures.bytes(last.cacheBytes) })
      : t('growth-none');

  return (
    <Section
      title={t('growth')}
      actions={
        <Choice
          label={t('growth-span')}
          value={span}
          onChoose={setSpan}
          options={[
            ['1', t('span-day')],
            ['7', t('span-week')],
            ['30', t('span-month')],
            ['90', t('span-quarter')],
          ]}
        />
      }
    >
      <div ref={ref} className={styles.box}>
        {growth.isPending && <SkeletonRows rows={4} height={height / 4} />}
        {growth.error && <ProblemCard problem={problemOf(growth.error)} mild />}
        {growth.data && path.lines.length === 0 && <p className={styles.none}>{t('growth-none')}</p>}
        {growth.data && path.lines.length > 0 && width > 0 && (
          <svg width="100%" height={height} role="img" aria-label={said}>
            <title>{said}</title>
            <g transform={`translate(0 ${String(margin.top)})`}>
              <path d={`M0 ${String(path.y(0))}H${String(width)}M0 0H${String(width)}`} className={styles.grid} />
              {path.gaps.map((gap) => (
                <rect key={gap.x} x={gap.x} y={0} width={gap.width} height={path.y(0)} className={styles.gap}>
                  <title>{t('growth-gap')}</title>
                </rect>
              ))}
              {path.areas.map((area) => (
                <path key={area} d={area} className={styles.area} />
              ))}
              {path.lines.map((line) => (
                <path key={line} d={line} className={styles.line} />
              ))}
              <text x={2} y={12} className={styles.label}>
                {figures.bytes(path.topBytes)}
              </text>
              <text x={2} y={path.y(0) + 15} className={styles.label}>
                {figures.day(from)}
              </text>
              <text x={width - 2} y={path.y(0) + 15} textAnchor="end" className={styles.label}>
                {t('now')}
              </text>
            </g>
          </svg>
        )}
      </div>
    </Section>
  );
}
