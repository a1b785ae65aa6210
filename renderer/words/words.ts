import i18next from 'i18next';
import { use } from 'react';
import { initReactI18next } from 'react-i18next';
import type { AppearanceStore } from '../door/appearance.ts';
import { SpokenLanguage } from './language-context.tsx';
import { type Language, languageFor, languages } from '../../preload/contract/language.ts';
import { type KeyOf, type Namespace, resources } from './resources.ts';

/**
 * Starts the words in the language that the reader chose, and follows that choice and the computer's own from then on. All languages are in
 * the page already, so nothing is fetched and nothing flickers.
 */
export function startWords(appearance: AppearanceStore): void {
  const wanted = (): Language => languageFor(appearance.get().language, navigator.languages);
  const follow = (): void => {
    if (wanted() !== i18next.language) void i18next.changeLanguage(wanted());
  };
  void i18next.use(initReactI18next).init({
    lng: wanted(),
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
  appearance.subscribe(follow);
  window.addEventListener('languagechange', follow);
}

function showLanguage(): void {
  document.documentElement.lang = i18next.language;
}

export type Values = Readonly<Record<string, string | number>>;

/** Says the words of one page: `t('add-node')`, `t('images', { count: 3 })`. A key that is not there does not compile. */
export type Words<Name extends Namespace> = (key: KeyOf<Name>, values?: Values) => string;

type Sentence = (key: string, values?: Values) => string | undefined;

/** The words of each file in each language, made once: a table draws hundreds of cells that ask for them. */
const made = new Map<string, Sentence>();

/** Makes once what says the words of a file. What takes no values is said once too. A key that is not there is undefined. */
function sentences(language: Language, namespace: Namespace): Sentence {
  const name = `${language} ${namespace}`;
  const known = made.get(name);
  if (known) return known;
  const t = i18next.getFixedT(language, namespace);
  const plain = new Map<string, string | undefined>();
  const sentence: Sentence = (key, values) => {
    if (values === undefined && plain.has(key)) return plain.get(key);
    const said: unknown = t(key as never, { ...values, defaultValue: '' } as never);
    // Every sentence of ours is one string and none is empty; anything else would be a fault in the files of words.
    const text = typeof said === 'string' && said !== '' ? said : undefined;
    if (values === undefined) plain.set(key, text);
    return text;
  };
  made.set(name, sentence);
  return sentence;
}

export function useWords<Name extends Namespace>(namespace: Name): Words<Name> {
  // A key that is not there does not compile, so there is always a string.
  return sentences(useLanguage(), namespace) as Words<Name>;
}

/** The language of the page, for figures and dates. */
export function useLanguage(): Language {
  return use(SpokenLanguage);
}

/** The sentence for a key that may not be there (a code that came from the core), or undefined. */
export function useSentence(namespace: Namespace): Sentence {
  return sentences(useLanguage(), namespace);
}
