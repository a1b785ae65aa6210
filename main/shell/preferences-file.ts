import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../preload/contract/problem.ts';
import type { Kept, Store } from './preferences.ts';
import { replaceWhole } from './whole-file.ts';

/** A store that can be used, or none; and what had to be done or could not be done for it. */
interface Opened {
  readonly store?: Store;
  readonly problem?: Problem;
}

/** Opens the file `<folder>/<name>.json`; one that cannot be read as ours is moved aside first, and nothing of it is lost. */
export function inOrderOrAside(folder: string, name: string, open: () => Store, now: () => Date): Opened {
  const file = join(folder, `${name}.json`);
  let reason: string;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (existsSync(file)) refuseOtherThanObject(file);
    return { store: open() };
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  const aside = join(
    folder,
    `${name}.unreadable-${now()
      .toISOString()
      .replaceAll(/[-:]|\.\d+/g, '')}.json`,
  );
  try {
    renameSync(file, aside);
    return { store: open(), problem: setAside(file, aside, reason) };
  } catch {
    return { problem: unreadable(file, reason) };
  }
}

/** Writes what is kept; what the store has noted for itself in the file, such as who wrote it, stays in it. */
export function writePreferences(file: string, kept: Kept): void {
  const before: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  replaceWhole(file, `${JSON.stringify({ ...Object(before), ...kept }, null, '\t')}\n`, 0o600);
}

/** The store would take a list or a number for an empty file, and write over it. */
function refuseOtherThanObject(file: string): void {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not a JSON object');
}

const setAside = (file: string, aside: string, reason: string): Problem => ({
  code: 'preferences-set-aside',
  message: `${file} could not be read and was moved aside to ${aside}; this app's own preferences are the first ones again.`,
  hint: 'Choose theme, language and start at login again in the settings. Nodes and mirrors are not affected.',
  retryable: false,
  detail: { reason, file, aside },
});

const unreadable = (file: string, reason: string): Problem => ({
  code: 'preferences-unreadable',
  message: `${file} can neither be read nor moved aside; what is chosen now is forgotten when the app ends.`,
  hint: 'Look at the rights of the file and its folder, then start the app again.',
  retryable: false,
  detail: { reason, file },
});

export const writeFailed = (file: string, reason: string): Problem => ({
  code: 'preferences-not-written',
  message: `${file} could not be written; what was chosen last is forgotten when the app ends.`,
  hint: 'Look at the rights of the file and the space on its disk, then choose again.',
  retryable: true,
  detail: { reason, file },
});
