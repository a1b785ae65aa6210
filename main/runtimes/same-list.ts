/** Whether two lists hold the same words in the same order. Pure. */
export function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, at) => each === b[at]);
}
