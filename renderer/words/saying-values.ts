/** How a saying's values are written, by the ends of their names (preload/contract/saying.ts). */
export interface ValueWords {
  readonly span: (ms: number) => string;
  readonly ms: (ms: number) => string;
  readonly bytes: (bytes: number) => string;
  readonly moment: (at: number) => string;
}

export function sayingValues(
  values: Readonly<Record<string, string | number>>,
  words: ValueWords,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, written(name, value, words)]));
}

/** Spans shorter than this are latencies, in ms. */
const latencyBelowMs = 5000;

function written(name: string, value: string | number, words: ValueWords): string {
  if (typeof value === 'string') return value;
  // A latency is told apart from a wait by its length.
  if (name.endsWith('Ms')) return value < latencyBelowMs ? words.ms(value) : words.span(value);
  if (name.endsWith('Bytes')) return words.bytes(value);
  if (name.endsWith('At')) return words.moment(value);
  return String(value);
}
