import { pinName } from './pin-names.ts';

/** What a new file of pins begins with, for whoever finds it on the server. */
const heading = `# Images that Mirrorfleet never prunes on this machine, one a line: an image, or a repository for all of it.
#   docker.io/library/nginx:alpine
#   ghcr.io/owner/name
`;

interface Line {
  readonly text: string;
  /** The pin's full name; undefined for comments, blanks and what is none. */
  readonly pin: string | undefined;
}

function linesOf(text: string): readonly Line[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => {
    const words = line.replace(/#.*/s, '').trim();
    return { text: line, pin: words === '' ? undefined : pinName(words) };
  });
}

/** The pins of a file, full names, each once, in the file's order. */
export function pinsIn(text: string): string[] {
  return [...new Set(linesOf(text).flatMap(({ pin }) => (pin === undefined ? [] : [pin])))];
}

/** The file with these pins (full names) added at its end; every other byte stays. An empty `text` becomes a file with a heading. */
export function withPins(text: string, pins: readonly string[]): string {
  const there = new Set(pinsIn(text));
  const added = [...new Set(pins)].filter((pin) => !there.has(pin));
  if (added.length === 0) return text;
  const before = text === '' ? heading : text.endsWith('\n') ? text : `${text}\n`;
  return `${before}${added.join('\n')}\n`;
}

/** The file without the lines that pin these (full names); every other line stays as it was written. */
export function withoutPins(text: string, pins: readonly string[]): string {
  const going = new Set(pins);
  return linesOf(text)
    .filter(({ pin }) => pin === undefined || !going.has(pin))
    .map((line) => `${line.text}\n`)
    .join('');
}
