import { z } from 'zod';
import {
  type Settings,
  type SettingsPart,
  settingsSchema,
  type WatchSettings,
} from '../../preload/contract/settings.ts';
import { fail } from '../../preload/contract/problem.ts';
import { JsonFile } from './json-file.ts';

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
  readonly #file: JsonFile<unknown>;

  constructor(folder: string) {
    this.#file = new JsonFile(folder, 'settings', z.unknown());
  }

  get file(): string {
    return this.#file.path;
  }

  get(): Settings {
    const read = settingsSchema.safeParse({ ...defaultSettings, ...this.#file.read() });
    if (!read.success) {
      fail({
        code: 'settings-unreadable',
        message: `The settings file ${this.#file.path} does not fit this version; nothing was changed.`,
        hint: 'Correct the file or move it aside; without it the defaults apply.',
        detail: { reason: read.error.message },
      });
    }
    return read.data;
  }

  update(change: SettingsPart): Settings {
    const next = settingsSchema.parse({ ...this.get(), ...change });
    this.#file.write(next);
    return next;
  }
}
