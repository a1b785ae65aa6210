import { InvalidArgumentError } from 'commander';
import { nodeNameSchema, upstreamIdSchema } from '../../preload/contract/node.ts';
import { parseBytes, parseSpan } from './figures.ts';

/** Words of the command line turned into values. A word that cannot be read is wrong usage, said before anything is started. */

export function nodeName(text: string): string {
  if (nodeNameSchema.safeParse(text).success) return text;
  throw new InvalidArgumentError('A node name is 1 to 31 of a-z, 0-9 and "-", beginning with a letter.');
}

export function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 1 to 65535.');
}

export function absoluteFolder(text: string): string {
  if (text.startsWith('/')) return text;
  throw new InvalidArgumentError('It must begin with "/".');
}

export function upstreamList(text: string): string[] {
  const names = text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean);
  const wrong = names.find((each) => !upstreamIdSchema.safeParse(each).success);
  if (names.length > 0 && wrong === undefined) return [...new Set(names)];
  throw new InvalidArgumentError(
    `${wrong === undefined ? 'It names no registry' : `"${wrong}" is no registry`}; for example docker.io,ghcr.io`,
  );
}

/** 1 to 500. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= 500) return number;
  throw new InvalidArgumentError('A whole number from 1 to 500.');
}

/** Seconds. */
export function span(text: string): number {
  const seconds = parseSpan(text);
  if (seconds !== undefined) return seconds;
  throw new InvalidArgumentError('A span is a number with s, min, h, d or w; for example 12h or 30d.');
}

/** Whole days. */
export function days(text: string): number {
  const whole = span(text) / 86_400;
  if (Number.isInteger(whole) && whole >= 1) return whole;
  throw new InvalidArgumentError('Whole days, at least one; for example 90d.');
}

/** Bytes. */
export function size(text: string): number {
  const bytes = parseBytes(text);
  if (bytes !== undefined) return bytes;
  throw new InvalidArgumentError('A size is a number with B, kB, MB, GB or TB; for example 20GB.');
}
