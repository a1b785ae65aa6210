import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useFigures } from '../../words/use-figures.ts';
import { useLanguage } from '../../words/words.ts';
import { type ChartData, lonePoints } from './chart-data.ts';
import { lineStyles } from './line-styles.ts';
import styles from './mirror.module.css';

const height = 220;

/** The latencies over time. Drawn on a canvas, so everything it says stands in the table beside it as well. */
export function LatencyChart({
  data,
  from,
  to,
  label,
}: {
  readonly data: ChartData;
  readonly from: number;
  readonly to: number;
  readonly label: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  const language = useLanguage();
  const { ms } = useFigures();
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--mf-ink-dim'),
      grid: { stroke: colour('--mf-line'), width: 1 },
      ticks: { show: false },
      font: `12px ${getComputedStyle(element).fontFamily}`,
    };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        cursor: { show: true, y: false, drag: { x: false, y: false } },
        scales: {
          x: { time: true, range: () => [from / 1000, to / 1000] },
          y: { range: (_plot, _low, high) => [0, Math.max(10, (high ?? 10) * 1.1)] },
        },
        axes: [
          {
            ...axis,
            size: 30,
            values: (_plot, splits, _index, _space, step) => splits.map((at) => timeWords(at, step, language)),
          },
          { ...axis, size: 64, values: (_plot, splits) => splits.map((value) => ms(value)) },
        ],
        series: [
          {},
          ...lineStyles.map(({ id, colour: name, width, dash, dot }) => ({
            stroke: colour(name),
            width,
            ...(dash && { dash: [...dash] }),
            // Only what no line leads to gets a dot.
            points: {
              show: false,
              filter: () => lonePoints(data[id]),
              size: 6,
              width: 1.25,
              fill: colour(dot === 'full' ? name : '--mf-ground'),
            },
            spanGaps: false,
          })),
        ],
        hooks: {
          // Failures stand on the ground line: a red tick each.
          draw: [
            (plotted) => {
              const { ctx, bbox } = plotted;
              ctx.save();
              ctx.setLineDash([]);
              ctx.strokeStyle = colour('--mf-down');
              ctx.lineWidth = 2 * devicePixelRatio;
              for (const at of data.failed) {
                const x = Math.round(plotted.valToPos(at, 'x', true));
                if (x < bbox.left || x > bbox.left + bbox.width) continue;
                ctx.beginPath();
                ctx.moveTo(x, bbox.top + bbox.height);
                ctx.lineTo(x, bbox.top + bbox.height - 8 * devicePixelRatio);
                ctx.stroke();
              }
              ctx.restore();
            },
          ],
        },
      },
      [data.times, data.cached, data.uncached, data.direct],
      element,
    );
    const sizes = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      plot.destroy();
    };
  }, [data, from, to, scheme, language, ms]);
  return <div ref={place} className={styles.chart} role="img" aria-label={label} />;
}

/** A moment as precise as the distance of the ticks (seconds) asks for. */
function timeWords(at: number, step: number, language: string): string {
  const options: Intl.DateTimeFormatOptions =
    step >= 86_400 ? { month: 'short', day: 'numeric' } : { hour: '2-digit', minute: '2-digit' };
  return new Intl.DateTimeFormat(language, options).format(at * 1000);
}
