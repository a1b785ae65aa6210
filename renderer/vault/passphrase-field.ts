export type PassphraseError = 'passphrase-short' | 'passphrase-differs';

/** A passphrase of fewer characters protects nothing; the command line refuses it as well. */
export const shortestPassphrase = 8;

/** What is wrong with a new passphrase that was typed twice; undefined where nothing is. */
export function passphraseError(first: string, again: string): PassphraseError | undefined {
  if (first.length < shortestPassphrase) return 'passphrase-short';
  return first === again ? undefined : 'passphrase-differs';
}
