import { numberFormat } from '../../../preload/contract/formats.ts';

/** How long something took: `900 ms`, `4.2 sec`, `45 sec`; from a minute on by `span`, the page's own words for longer times. */
export function tookText(ms: number, language: string, span: (ms: number) => string): string {
  if (ms >= 60_000) return span(ms);
  if (ms < 1000) return `${String(Math.round(ms))} ms`;
  const digits = ms < 9950 ? 1 : 0;
  return numberFormat(language, {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'short',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(ms / 1000);
}
