import i18next from 'i18next';
import { useCallback, useSyncExternalStore } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';
import { type Language, type LanguageChoice, languageFor, languageKey, languages, readChoice } from './language.ts';
import { type KeyOf, type Namespace, resources } from './resources.ts';

/** Starts the words: all languages are in the page already, so nothing is fetched and nothing flickers. */
export function startWords(): void {
  void i18next.use(initReactI18next).init({
    lng: languageFor(keptChoice(), navigator.languages),
    fallbackLng: 'en',
    supportedLngs: languages,
    resources,
    // Keys are plain words; a dot or a colon in one is part of it.
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  showLanguage();
  i18next.on('languageChanged', showLanguage);
}

function showLanguage(): void {
  document.documentElement.lang = i18next.language;
}

export function keptChoice(): LanguageChoice {
  return readChoice(localStorage.getItem(languageKey));
}

/** Speaks the chosen language from now on and remembers it on this computer. */
export async function chooseLanguage(choice: LanguageChoice): Promise<void> {
  localStorage.setItem(languageKey, choice);
  await i18next.changeLanguage(languageFor(choice, navigator.languages));
}

export type Values = Readonly<Record<string, string | number>>;

/** Says the words of one page: `t('add-node')`, `t('images', { count: 3 })`. A key that is not there does not compile. */
export type Words<Name extends Namespace> = (key: KeyOf<Name>, values?: Values) => string;

/** Each page's words in each language, made once: a table draws hundreds of cells that ask for them. */
const made = new Map<string, unknown>();

export function useWords<Name extends Namespace>(namespace: Name): Words<Name> {
  const language = useLanguage();
  const key = `${language} ${namespace}`;
  if (!made.has(key)) made.set(key, i18next.getFixedT(language, namespace));
  return made.get(key) as Words<Name>;
}

function onLanguage(listener: () => void): () => void {
  i18next.on('languageChanged', listener);
  return () => i18next.off('languageChanged', listener);
}
const spoken = (): Language => languages.find((each) => each === i18next.language) ?? 'en';

/** The language of the page, for figures and dates. */
export function useLanguage(): Language {
  return useSyncExternalStore(onLanguage, spoken);
}

/** The sentence for a key that may not be there (a code that came from the core), or undefined. */
export function useSentence(namespace: Namespace): (key: string, values?: Values) => string | undefined {
  const { t, i18n } = useTranslation(namespace);
  return useCallback(
    (key, values) => (i18n.exists(key, { ns: namespace }) ? said(t(key as never, values as never)) : undefined),
    [t, i18n, namespace],
  );
}

/** Every sentence of ours is one string; anything else would be a fault in the files of words. */
const said = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
