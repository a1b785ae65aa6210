import type { ImageSource } from '../../preload/contract/node.ts';
import type { KeepSettings, Settings, SettingsPart, WatchSettings } from '../../preload/contract/settings.ts';
import type { Task } from '../../preload/contract/task.ts';
import type { Secret } from '../log/secret.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { paceOf, type SettingsStore } from '../store/settings.ts';
import type { VaultAccess } from '../store/vault-access.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { Activity } from './activity.ts';
import { valueChange } from './value-change.ts';

export interface SettingsChangesOptions {
  readonly settings: SettingsStore;
  readonly vault: Pick<VaultAccess, 'choose'>;
  readonly monitor: Pick<Monitor, 'setPace'>;
  readonly activity: Pick<Activity, 'made' | 'forget'>;
  readonly tasks: Pick<Tasks, 'run'>;
}

/** Changes of settings: each is written down, and taken up at once by what runs already. */
export class SettingsChanges {
  readonly #options: SettingsChangesOptions;

  constructor(options: SettingsChangesOptions) {
    this.#options = options;
  }

  setImage(image: 'registry' | 'envoy', source: ImageSource): Settings {
    const { images } = this.#options.settings.get();
    return this.#put(`Use ${source.reference} as the ${image} image`, { images: { ...images, [image]: source } });
  }

  /** How often the fleet is looked at, by the running watch too. */
  setWatch(watch: WatchSettings): Settings {
    return this.#put(`Look every ${watch.everySeconds} s`, { watch });
  }

  setKeep(keep: KeepSettings): Settings {
    const next = this.#put(`Keep activity for ${keep.activityDays} days`, { keep });
    this.#options.activity.forget(next.keep.activityDays);
    return next;
  }

  chooseVault(choice: Exclude<Settings['vault'], 'undecided'>, passphrase: Secret | undefined): Settings {
    const { settings, vault, activity } = this.#options;
    const before = settings.get();
    const next = vault.choose(choice, passphrase);
    const changes = [valueChange(settings.file, { vault: before.vault }, { vault: next.vault })];
    activity.made({ kind: 'vault', subject: 'vault', title: `Seal secrets with a key from: ${choice}`, changes });
    return next;
  }

  /** Undoes a change as a task of its own. */
  putBack(title: string, from: SettingsPart, to: SettingsPart): Promise<Task> {
    const { settings, tasks } = this.#options;
    const intent = { kind: 'settings', before: from, after: to } as const;
    return tasks.run({ kind: 'undo', subject: 'settings', title, intent }, async (job) => {
      const change = valueChange(settings.file, from, to);
      job.changes(change ? [change] : []);
      await job.step('settings', 'Put the setting back', async () => this.#takeOver(to));
    });
  }

  /** The same value again changes nothing, and is not written down. */
  #put(title: string, after: SettingsPart): Settings {
    const { settings, activity } = this.#options;
    const now = settings.get();
    const before: SettingsPart = Object.fromEntries(Object.entries(now).filter(([name]) => Object.hasOwn(after, name)));
    const change = valueChange(settings.file, before, after);
    const next = this.#takeOver(after);
    const intent = { kind: 'settings', before, after } as const;
    if (change) activity.made({ kind: 'settings', subject: 'settings', title, changes: [change], intent });
    return next;
  }

  #takeOver(change: SettingsPart): Settings {
    const next = this.#options.settings.update(change);
    if (change.watch) this.#options.monitor.setPace(paceOf(next.watch));
    return next;
  }
}
