import type { Writable } from 'node:stream';
import type { Problem } from '../../preload/contract/problem.ts';
import { shownText } from '../fleet/control-characters.ts';

/** How the program ends; part of the documented interface. */
export const exitCodes = { done: 0, failed: 1, usage: 2, needsAnswer: 3, interrupted: 130 } as const;

/** Where a command writes: results on standard output, everything about them on standard error. */
export interface Output {
  readonly json: boolean;
  /** A person watches: standard error is a terminal and results are not wanted as JSON. */
  readonly live: boolean;
  readonly colour: boolean;
  line(text?: string): void;
  note(text: string): void;
  /** The command's result as one JSON value (only called in JSON mode). */
  value(value: unknown): void;
  /** One of many values of a command that goes on, on a line of its own (only called in JSON mode). */
  record(value: unknown): void;
  problem(problem: Problem): void;
  /** Rewrites the lines last drawn, for progress on a terminal. */
  redraw(lines: readonly string[]): void;
  /** What was drawn stays; the next {@link redraw} begins below it. */
  keep(): void;
}

/** Output to real or test streams. Colour follows NO_COLOR and the terminal. */
export function createOutput(
  streams: {
    out: Writable & { isTTY?: boolean; columns?: number };
    err: Writable & { isTTY?: boolean; columns?: number };
  },
  options: { json: boolean; env: Readonly<Record<string, string | undefined>> },
): Output {
  const live = streams.err.isTTY === true && !options.json;
  const colour = streams.out.isTTY === true && (options.env['NO_COLOR'] ?? '') === '' && options.env['TERM'] !== 'dumb';
  let drawn = 0;
  return {
    json: options.json,
    live,
    colour,
    line: (text = '') => void streams.out.write(`${text}\n`),
    note: (text) => void streams.err.write(`${text}\n`),
    value: (value) => void streams.out.write(`${JSON.stringify(value, undefined, 2)}\n`),
    record: (value) => void streams.out.write(`${JSON.stringify(value)}\n`),
    problem(problem) {
      drawn = 0;
      if (options.json) {
        streams.err.write(`${JSON.stringify({ problem })}\n`);
        return;
      }
      const details = Object.entries(problem.detail ?? {}).map(
        ([name, text]) => `  ${name}: ${text.replace(/\s*\n\s*/g, '\n    ')}\n`,
      );
      // Much of it are the words of a server.
      streams.err.write(shownText(`✕ ${problem.message}\n  ${problem.hint}\n  (${problem.code})\n${details.join('')}`));
    },
    redraw(lines) {
      // A terminal that was never told its size says 0.
      const fit = streams.err.columns || 100;
      if (drawn > 0) streams.err.write(`\u001b[${drawn}A\u001b[J`);
      for (const line of lines) streams.err.write(`${line.length > fit ? `${line.slice(0, fit - 1)}…` : line}\n`);
      drawn = lines.length;
    },
    keep() {
      drawn = 0;
    },
  };
}
