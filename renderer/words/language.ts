/** The languages the pages speak. */
export const languages = ['en', 'zh-CN'] as const;
export type Language = (typeof languages)[number];

/** What the reader chose; `system` is the computer's own language where we speak it, else English. */
export const languageChoices = ['system', ...languages] as const;
export type LanguageChoice = (typeof languageChoices)[number];

export const languageKey = 'mirrorfleet-language';

/** The choice that was kept, as it was written; anything else is `system`. */
export function readChoice(kept: string | null): LanguageChoice {
  return languageChoices.find((choice) => choice === kept) ?? 'system';
}

/** The language to speak: the chosen one, or the first of the computer's own (`navigator.languages`) that we know. */
export function languageFor(choice: LanguageChoice, preferred: readonly string[]): Language {
  if (choice !== 'system') return choice;
  for (const wanted of preferred) {
    const language = languages.find((each) => each.split('-')[0] === wanted.split('-')[0]?.toLowerCase());
    if (language) return language;
  }
  return 'en';
}
