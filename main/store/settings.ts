import { mkdirSync } from 'node:fs';
import Conf from 'conf';
import {
  type Settings,
  type SettingsPart,
  settingsSchema,
  type WatchSettings,
} from '../../preload/contract/settings.ts';
import { fail } from '../../preload/contract/problem.ts';

/**
 * The images a node runs unless a person names others: the first `registry` release whose deletions heal by themselves and whose
 * security holes are closed, and an Envoy of a supported line. A node pins what it really got by digest when it is applied.
 */
export const defaultSettings: Settings = {
  images: {
    registry: { reference: 'docker.io/library/registry:3.1.1' },
    envoy: { reference: 'docker.io/envoyproxy/envoy:distroless-v1.40.0' },
  },
  vault: 'undecided',
  watch: { everySeconds: 30, upstreamEverySeconds: 120 },
  keep: { historyDays: 90, activityDays: 365 },
};

/** The settings' seconds as the watch's milliseconds. */
export function paceOf(watch: WatchSettings): { intervalMs: number; upstreamIntervalMs: number } {
  return { intervalMs: watch.everySeconds * 1000, upstreamIntervalMs: watch.upstreamEverySeconds * 1000 };
}

/** The core's settings in one file, written whole and atomically. A file that does not fit is refused, never silently replaced. */
export class SettingsStore {
  readonly #conf: Conf<Record<string, unknown>>;

  constructor(folder: string) {
    this.#conf = openConf(folder, 'settings');
  }

  get file(): string {
    return this.#conf.path;
  }

  get(): Settings {
    const read = settingsSchema.safeParse({ ...defaultSettings, ...this.#conf.store });
    if (!read.success) {
      fail({
        code: 'settings-unreadable',
        message: `The settings file ${this.#conf.path} does not fit this version; nothing was changed.`,
        hint: 'Correct the file or move it aside; without it the defaults apply.',
        detail: { reason: read.error.message },
      });
    }
    return read.data;
  }

  update(change: SettingsPart): Settings {
    const next = settingsSchema.parse({ ...this.get(), ...change });
    this.#conf.store = next;
    return next;
  }
}

/** A private (0600) JSON file of the core. Throws `store-unreadable` for a file that is not JSON; it is left as it is. */
export function openConf(folder: string, name: string): Conf<Record<string, unknown>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    return new Conf<Record<string, unknown>>({
      cwd: folder,
      configName: name,
      configFileMode: 0o600,
      clearInvalidConfig: false,
      accessPropertiesByDotNotation: false,
    });
  } catch (error) {
    return fail(
      {
        code: 'store-unreadable',
        message: `${folder}/${name}.json cannot be read; it was left as it is.`,
        hint: 'Correct the file or move it aside, then start again.',
        detail: { reason: error instanceof Error ? error.message : String(error) },
      },
      { cause: error },
    );
  }
}
