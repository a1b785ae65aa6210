/** What a watched hour holds at one minute: memory after a full collection, and all that could pile up. */
export interface Look {
  readonly minute: number;
  /** Asked of edges and upstreams so far, and changes that clients heard so far. */
  readonly questions: number;
  readonly heard: number;
  /** JavaScript's heap and the buffers beside it. */
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly handles: number;
  readonly descriptors: number;
  /** Timers of the turned clock that wait. */
  readonly timers: number;
  readonly nodes: number;
  readonly databaseBytes: number;
}

/** By how much a figure grows for each question, from the line that fits best through all looks. */
export function growth(looks: readonly Look[], figure: (look: Look) => number): number {
  const mean = (of: (look: Look) => number): number => looks.reduce((sum, each) => sum + of(each), 0) / looks.length;
  const [x, y] = [mean((each) => each.questions), mean(figure)];
  const both = looks.reduce((sum, each) => sum + (each.questions - x) * (figure(each) - y), 0);
  return both / looks.reduce((sum, each) => sum + (each.questions - x) ** 2, 0);
}
