import { useFigures } from '../words/use-figures.ts';

/** Bytes with their unit, or a part of a whole: `12.4 GB`, `12.4/40 GB`. */
export function Bytes({ value, of }: { readonly value: number | undefined; readonly of?: number | undefined }) {
  const { bytes, bytesOf } = useFigures();
  return <span className="mf-figure">{of === undefined ? bytes(value) : bytesOf(value, of)}</span>;
}

/** A latency with its unit; `stale` greys it. */
export function Latency({ ms, stale }: { readonly ms: number | undefined; readonly stale?: boolean }) {
  const figures = useFigures();
  return <span className={stale ? 'mf-figure mf-stale' : 'mf-figure'}>{figures.ms(ms)}</span>;
}
