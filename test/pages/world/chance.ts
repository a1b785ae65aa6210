/** Numbers that look like chance and are the same on every run: a picture of a page differs only when the page does. */
export function chanceOf(seed: string): () => number {
  let state = 2166136261;
  for (const letter of seed) state = Math.imul(state ^ letter.charCodeAt(0), 16777619);
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A digest as registries write it. */
export function digestOf(seed: string): string {
  const chance = chanceOf(seed);
  return `sha256:${Array.from({ length: 64 }, () => Math.floor(chance() * 16).toString(16)).join('')}`;
}
