import type { LanguageChoice } from '../../preload/contract/language.ts';
import type { Scheme } from '../theme/scheme.ts';

/** How the reader wants these pages to look and speak. */
export interface Appearance {
  readonly theme: Scheme;
  readonly language: LanguageChoice;
}

/** Where that choice is kept. Wherever it is changed (another window, the tray), every open page follows. */
export interface AppearanceStore {
  get(): Appearance;
  choose(part: Partial<Appearance>): void;
  /** Calls back after it changed, here or elsewhere. */
  subscribe(listener: () => void): () => void;
}
