/** What a page's source asks of one file of words. */
export interface AskedKeys {
  /** Keys that stand alone in a call: `t('add-node')`. One that is not there is a fault. */
  readonly direct: ReadonlySet<string>;
  /** Every text of the source that could be a key: also those that are chosen or listed before the call. */
  readonly literal: ReadonlySet<string>;
  /** Keys with a part that is filled in: `` t(`state-${state}`) ``. */
  readonly pattern: readonly RegExp[];
}

/** The files of words that a source asks: `useWords('fleet')`, `useSentence('steps')`, `Words<'node'>`. */
export function namespacesIn(source: string): Set<string> {
  return new Set(
    [...source.matchAll(/(?:useWords|useSentence)\('(\w+)'\)|Words<'(\w+)'>/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    ),
  );
}

/** The names under which a source holds the words of a namespace: `const t = useWords('fleet')`, `(t: Words<'fleet'>)`. */
function holders(source: string, namespace: string): string[] {
  const held = [
    ...source.matchAll(new RegExp(String.raw`const (\w+) = (?:useWords|useSentence)\('${namespace}'\)`, 'g')),
    ...source.matchAll(new RegExp(String.raw`(\w+): Words<'${namespace}'>`, 'g')),
  ];
  return [...new Set(held.map((match) => match[1] ?? ''))];
}

/** All that one source asks of a namespace. Pure. */
export function keysAsked(source: string, namespace: string): AskedKeys {
  const direct = new Set<string>();
  const pattern: RegExp[] = [];
  for (const holder of holders(source, namespace)) {
    for (const match of source.matchAll(new RegExp(String.raw`\b${holder}\(\s*'([^']+)'`, 'g')))
      direct.add(match[1] ?? '');
    for (const match of source.matchAll(new RegExp(String.raw`\b${holder}\(\s*${'`'}([^${'`'}]+)${'`'}`, 'g')))
      pattern.push(
        new RegExp(`^${(match[1] ?? '').replaceAll('.', String.raw`\.`).replaceAll(/\$\{[^}]*\}/g, '.+')}$`),
      );
  }
  return { direct, literal: new Set([...source.matchAll(/'([^'\n]+)'/g)].map((match) => match[1] ?? '')), pattern };
}
