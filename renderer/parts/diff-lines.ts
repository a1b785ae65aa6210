export interface DiffLine {
  readonly key: string;
  readonly kind: 'added' | 'removed' | 'same' | 'place';
  readonly text: string;
}

/** The lines of a unified diff without its file names; `place` is a jump (`@@`). Pure. */
export function diffLines(diff: string): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let inHunk = false;
  for (const [index, raw] of diff.replace(/\n$/, '').split('\n').entries()) {
    if (raw.startsWith('@@')) {
      inHunk = true;
      lines.push({ key: String(index), kind: 'place', text: raw });
      continue;
    }
    if (!inHunk && /^(---|\+\+\+|diff |index |Index: |=+$)/.test(raw)) continue;
    const kind = raw.startsWith('+')
      ? 'added'
      : raw.startsWith('-')
        ? 'removed'
        : raw.startsWith('\\')
          ? 'place'
          : 'same';
    lines.push({ key: String(index), kind, text: kind === 'place' ? raw : raw.slice(1) });
  }
  return lines;
}

/** What was there and what will be, as far as the diff shows it; jumps are an empty line in both. */
export function diffSides(diff: string): { readonly before: string; readonly after: string } {
  const lines = diffLines(diff);
  const side = (gone: DiffLine['kind']): string =>
    lines
      .filter((line, index) => line.kind !== gone && !(line.kind === 'place' && index === 0))
      .map((line) => (line.kind === 'place' ? (line.text.startsWith('@@') ? '⋯' : '') : line.text))
      .join('\n');
  return { before: side('added'), after: side('removed') };
}
