import { globSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { KnownHost } from '../../preload/contract/node.ts';
import { problemOf } from '../../preload/contract/problem.ts';
import { resolveSshTarget, type SshSettings } from './ssh-config.ts';

/** As deep as OpenSSH itself follows Include. */
const deepest = 16;
/** A configuration may name thousands of machines; a field that offers them needs no more. */
const mostAliases = 500;
/** How many `ssh -G` run at once; each takes a few ms. */
const atOnce = 8;

/** The words of a configuration line: the keyword in lower case, then its arguments, quotes taken off. `Host=a` is `Host a`. Pure. */
function wordsOf(line: string): string[] {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return [];
  const [, keyword = '', rest = ''] = /^([A-Za-z]+)\s*=?\s*(.*)$/.exec(text) ?? [];
  const words = [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const comment = words.findIndex((word) => word.startsWith('#'));
  return [keyword.toLowerCase(), ...(comment === -1 ? words : words.slice(0, comment))];
}

/** The names that a configuration's Host lines give to machines, in their order; patterns and exceptions are no names. `include` gives the texts of files it includes. Pure but for that. */
export function aliasesIn(text: string, include: (pattern: string) => readonly string[], depth = 0): string[] {
  const names = text.split('\n').flatMap((line): string[] => {
    const [keyword, ...words] = wordsOf(line);
    if (keyword === 'host') return words.filter((word) => /^[^*?!-][^*?!]*$/.test(word));
    if (keyword !== 'include' || depth >= deepest) return [];
    return words.flatMap(include).flatMap((each) => aliasesIn(each, include, depth + 1));
  });
  return [...new Set(names)];
}

/** The texts of the files an Include names: relative to ~/.ssh, with `~` and wildcards; what cannot be read is left out, as ssh does. */
function included(folder: string, home: string): (pattern: string) => string[] {
  return (pattern) => {
    const path = pattern.replace(/^~(?=\/)/, home);
    return globSync(isAbsolute(path) ? path : join(folder, path))
      .toSorted()
      .flatMap((file) => textOf(file) ?? []);
  };
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** The machines this user's ssh configuration names, and what each comes to by `ssh -G`; one that ssh cannot make sense of is offered by its name. */
export async function knownSshHosts(settings: SshSettings = {}): Promise<KnownHost[]> {
  const home = userInfo().homedir;
  const folder = join(home, '.ssh');
  const text = textOf(settings.configFile ?? join(folder, 'config')) ?? '';
  const aliases = aliasesIn(text, included(folder, home)).slice(0, mostAliases);
  const found = new Map<string, KnownHost>();
  const waiting = [...aliases];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let alias = waiting.shift(); alias !== undefined; alias = waiting.shift())
        found.set(alias, await knownHost(alias, settings));
    }),
  );
  return aliases.flatMap((alias) => found.get(alias) ?? []);
}

async function knownHost(alias: string, settings: SshSettings): Promise<KnownHost> {
  try {
    const { hostname, user, port } = await resolveSshTarget({ destination: alias }, settings);
    return { alias, hostName: hostname, user, port };
  } catch (error) {
    if (problemOf(error).code === 'internal-error') throw error;
    return { alias };
  }
}
