import i18next from 'i18next';
import { type ReactNode, createContext, useSyncExternalStore } from 'react';
import { type Language, languages } from '../../preload/contract/language.ts';

/** The language that is spoken now. One subscription for the whole page: a table has hundreds of cells that ask. */
export const SpokenLanguage = createContext<Language>('en');

function onLanguage(listener: () => void): () => void {
  i18next.on('languageChanged', listener);
  return () => i18next.off('languageChanged', listener);
}
const spoken = (): Language => languages.find((each) => each === i18next.language) ?? 'en';

/** Tells every part of the page below which language is spoken. */
export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  return <SpokenLanguage value={useSyncExternalStore(onLanguage, spoken)}>{children}</SpokenLanguage>;
}
