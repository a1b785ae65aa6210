/** One line of the palette as it is searched. */
export interface Line {
  readonly id: string;
  readonly title: string;
  readonly words: readonly string[];
}

/**
 * The lines that fit what was typed, best first, at most `limit`: every word typed must be somewhere in the line; a title that begins with
 * it goes before one that has it further on, and that before one that is found by another name.
 */
export function matching<L extends Line>(lines: readonly L[], typed: string, limit = 60): readonly L[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return lines.slice(0, limit);
  const scored: { line: L; score: number }[] = [];
  for (const line of lines) {
    const title = line.title.toLowerCase();
    const others = line.words.join(' ').toLowerCase();
    let score = 0;
    for (const word of words) {
      const at = title.indexOf(word);
      if (at === 0) continue;
      if (at > 0) score += /[\s/:.-]/.test(title[at - 1] ?? '') ? 1 : 2;
      else if (others.includes(word)) score += 3;
      else {
        score = Number.NaN;
        break;
      }
    }
    if (!Number.isNaN(score)) scored.push({ line, score });
  }
  return scored
    .toSorted((a, b) => a.score - b.score)
    .slice(0, limit)
    .map(({ line }) => line);
}
