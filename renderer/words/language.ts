import { type LanguageChoice, languageChoices } from '../../preload/contract/language.ts';

/** Under this name a browser keeps it. */
export const languageKey = 'mirrorfleet-language';

/** The choice that was kept, as it was written; anything else is `system`. */
export function readChoice(kept: string | null): LanguageChoice {
  return languageChoices.find((choice) => choice === kept) ?? 'system';
}
