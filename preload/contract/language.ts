/** The languages that windows and tray speak. */
export const languages = ['en', 'zh-CN'] as const;
export type Language = (typeof languages)[number];

/** What the reader chose; `system` is the computer's own language where we speak it, else English. */
export const languageChoices = ['system', ...languages] as const;
export type LanguageChoice = (typeof languageChoices)[number];

/** The language to speak: the chosen one, or the first of the computer's own (`navigator.languages`) that we know. */
export function languageFor(choice: LanguageChoice, preferred: readonly string[]): Language {
  if (choice !== 'system') return choice;
  for (const wanted of preferred) {
    const language = languages.find((each) => each.split('-')[0] === wanted.split('-')[0]?.toLowerCase());
    if (language) return language;
  }
  return 'en';
}
