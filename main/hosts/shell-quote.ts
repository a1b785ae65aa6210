/**
 * One word so that a remote login shell hands it over unchanged. Quotes hold everything but `'` and `\`, which stand outside of them:
 * fish reads a backslash inside single quotes as an escape where sh does not, and this form means the same to both.
 */
export function quoteWord(word: string): string {
  if (word.includes('\0')) throw new Error('A command word cannot hold a NUL character');
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  const parts = word.match(/[^'\\]+|'|\\/g) ?? [];
  return parts.map((part) => (part === "'" ? "\\'" : part === '\\' ? '\\\\' : `'${part}'`)).join('') || "''";
}

/** The command line that makes a login shell run exactly this argv. */
export function quoteCommand(argv: readonly string[]): string {
  return argv.map(quoteWord).join(' ');
}
