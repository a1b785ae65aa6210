import { isDeepStrictEqual } from 'node:util';
import type { Options } from 'electron-store';
import type { Preferences, PreferencesPart } from '../../preload/contract/shell.ts';
import type { Problem } from '../../preload/contract/problem.ts';
import { problemOf } from '../../preload/contract/problem.ts';
import { inOrderOrAside, writeFailed, writePreferences } from './preferences-file.ts';
import type { WindowPlace } from './window-place.ts';

/** All that the shell's own file holds. */
export interface Kept extends Preferences {
  readonly window?: WindowPlace;
}

export const defaultPreferences: Preferences = {
  theme: 'system',
  language: 'system',
  openAtLogin: false,
  notifications: true,
};

/** How the file is opened: what may stand in it, what stands in it at first, and how what older versions wrote is read. */
export const preferencesFile = {
  name: 'preferences',
  configFileMode: 0o600,
  clearInvalidConfig: false,
  accessPropertiesByDotNotation: false,
  defaults: defaultPreferences,
  rootSchema: { additionalProperties: false },
  schema: {
    theme: { enum: ['system', 'light', 'dark'] },
    language: { enum: ['system', 'en', 'zh-CN'] },
    openAtLogin: { type: 'boolean' },
    notifications: { type: 'boolean' },
    window: {
      type: 'object',
      additionalProperties: false,
      required: ['x', 'y', 'width', 'height', 'maximized'],
      properties: {
        x: { type: 'integer' },
        y: { type: 'integer' },
        width: { type: 'integer', minimum: 1 },
        height: { type: 'integer', minimum: 1 },
        maximized: { type: 'boolean' },
      },
    },
  },
  /** Steps by the version that first needs them; the version that wrote a file stands in it. There is no older form yet. */
  migrations: {},
} as const satisfies Options<Kept>;

/** The part of electron-store's store that is used; its base class is one too. */
export interface Store {
  readonly path: string;
  readonly store: Kept;
}

/**
 * The shell's own file. A file that is broken or someone else's is moved aside and told of, and one that cannot be written is told of too:
 * the app starts with what it knows either way.
 */
export class PreferencesStore {
  readonly #store: Store | undefined;
  readonly #listeners = new Set<() => void>();
  #kept: Kept = defaultPreferences;
  #problem: Problem | undefined;

  /** `open` makes the store of `preferencesFile` in `folder`. */
  constructor(folder: string, open: () => Store, now: () => Date = () => new Date()) {
    const opened = inOrderOrAside(folder, preferencesFile.name, open, now);
    this.#store = opened.store;
    this.#problem = opened.problem;
    if (opened.store) this.#kept = { ...opened.store.store };
  }

  get(): Preferences {
    const { window: _, ...preferences } = this.#kept;
    return preferences;
  }

  /** Why the file was moved aside, or could not be read or written; undefined when all is well. */
  problem(): Problem | undefined {
    return this.#problem;
  }

  update(part: PreferencesPart): Preferences {
    const changed = Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined));
    const before = this.#kept;
    this.#keep({ ...before, ...changed });
    if (this.#kept !== before) for (const listener of this.#listeners) listener();
    return this.get();
  }

  /** Calls back after preferences changed; where the window is does not count. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  windowPlace(): WindowPlace | undefined {
    return this.#kept.window;
  }

  keepWindowPlace(place: WindowPlace): void {
    this.#keep({ ...this.#kept, window: place });
  }

  #keep(next: Kept): void {
    if (isDeepStrictEqual(next, this.#kept)) return;
    this.#kept = next;
    if (!this.#store) return;
    try {
      writePreferences(this.#store.path, next);
      if (this.#problem?.code === 'preferences-not-written') this.#problem = undefined;
    } catch (error) {
      this.#problem = writeFailed(this.#store.path, problemOf(error).message);
    }
  }
}
