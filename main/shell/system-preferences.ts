import type { NativeTheme } from 'electron';
import { type Problem, problemOf } from '../../preload/contract/problem.ts';
import type { PreferencesPart } from '../../preload/contract/shell.ts';
import type { LoginItem } from './login-item.ts';
import type { PreferencesStore } from './preferences.ts';

/** Makes the system do what was chosen: the colours of native surfaces, and whether the app starts at login. */
export class SystemPreferences {
  readonly #preferences: PreferencesStore;
  readonly #loginItem: LoginItem;
  readonly #nativeTheme: Pick<NativeTheme, 'themeSource'>;
  #loginProblem: Problem | undefined;

  constructor(preferences: PreferencesStore, loginItem: LoginItem, nativeTheme: Pick<NativeTheme, 'themeSource'>) {
    this.#preferences = preferences;
    this.#loginItem = loginItem;
    this.#nativeTheme = nativeTheme;
    nativeTheme.themeSource = preferences.get().theme;
    // A person may have taken the login item away by the desktop's own settings; what the system does is what counts.
    const open = this.#opensAtLogin();
    if (open !== preferences.get().openAtLogin) preferences.update({ openAtLogin: open });
  }

  /** What could not be done last; undefined when all is well. */
  problem(): Problem | undefined {
    return this.#loginProblem ?? this.#preferences.problem();
  }

  /** Takes what was chosen. What the system refuses is not kept as if it were so. */
  prefer(part: PreferencesPart): void {
    if (part.openAtLogin !== undefined) this.#openAtLogin(part.openAtLogin);
    const kept = this.#preferences.update({ ...part, openAtLogin: this.#opensAtLogin() });
    this.#nativeTheme.themeSource = kept.theme;
  }

  #openAtLogin(open: boolean): void {
    this.#loginProblem = undefined;
    try {
      if (open !== this.#loginItem.isOpen()) this.#loginItem.setOpen(open);
    } catch (error) {
      this.#loginProblem = problemOf(error);
    }
  }

  #opensAtLogin(): boolean {
    try {
      return this.#loginItem.isOpen();
    } catch (error) {
      this.#loginProblem = problemOf(error);
      return false;
    }
  }
}
