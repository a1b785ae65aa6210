import { assertNever } from '../../preload/contract/assert-never.ts';

/** Where a reader is: a page and what it shows. The address after `#` is its written form, so that back, reload and links work. */
export type Place =
  | { readonly page: 'fleet' }
  | { readonly page: 'node'; readonly node: string; readonly show?: NodePart }
  | { readonly page: 'mirror'; readonly node: string; readonly upstream: string }
  | { readonly page: 'add'; readonly node?: string }
  | { readonly page: 'runtimes'; readonly route?: string }
  /** `show` opens the question what a prune by rule would take; nothing is removed by an address. */
  | { readonly page: 'cache'; readonly node?: string; readonly search?: string; readonly show?: 'prune' }
  | { readonly page: 'activity'; readonly subject?: string; readonly entry?: string }
  | { readonly page: 'settings'; readonly search?: string }
  | { readonly page: 'link-refused'; readonly kind: RefusedLink }
  | { readonly page: 'unknown'; readonly address: string };

/** What a link to this app asked for that is never done: to join a fleet (reserved), or anything that is not known. */
export const refusedLinks = ['join', 'unknown'] as const;
export type RefusedLink = (typeof refusedLinks)[number];

/** What a node's page may be opened to do: look for what is wrong, show the plan, ask about removing it. */
export const nodeParts = ['diagnosis', 'plan', 'remove'] as const;
export type NodePart = (typeof nodeParts)[number];

/** The place an address (`#/fleet/tokyo/docker.io`) names; no address is the fleet, one that means nothing is `unknown`. */
export function parsePlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const parts = path.split('/').filter(Boolean).map(decode);
  const asked = new URLSearchParams(query);
  const optional = <Name extends string>(...names: Name[]): Partial<Record<Name, string>> => {
    const found: Partial<Record<Name, string>> = {};
    for (const name of names) {
      const value = asked.get(name);
      if (value) found[name] = value;
    }
    return found;
  };
  const [page, first, second] = parts;
  const unknown: Place = { page: 'unknown', address: hash };
  if (parts.length > 3) return unknown;
  if (page === undefined || page === 'fleet') {
    if (first === undefined) return { page: 'fleet' };
    if (second !== undefined) return { page: 'mirror', node: first, upstream: second };
    const show = nodeParts.find((part) => part === asked.get('show'));
    return { page: 'node', node: first, ...(show && { show }) };
  }
  if (parts.length > 1) return unknown;
  switch (page) {
    case 'add':
      return { page, ...optional('node') };
    case 'runtimes':
      return { page, ...optional('route') };
    case 'cache':
      return { page, ...optional('node', 'search'), ...(asked.get('show') === 'prune' && { show: 'prune' }) };
    case 'activity':
      return { page, ...optional('subject', 'entry') };
    case 'settings':
      return { page, ...optional('search') };
    case 'link-refused':
      return { page, kind: refusedLinks.find((kind) => kind === asked.get('kind')) ?? 'unknown' };
    default:
      return unknown;
  }
}

/** The address of a place, with its `#`. */
export function formatPlace(place: Place): string {
  switch (place.page) {
    case 'fleet':
      return '#/fleet';
    case 'node':
      return `#/fleet/${encodeURIComponent(place.node)}${query({ show: place.show })}`;
    case 'mirror':
      return `#/fleet/${encodeURIComponent(place.node)}/${encodeURIComponent(place.upstream)}`;
    case 'add':
      return `#/add${query({ node: place.node })}`;
    case 'runtimes':
      return `#/runtimes${query({ route: place.route })}`;
    case 'cache':
      return `#/cache${query({ node: place.node, search: place.search, show: place.show })}`;
    case 'activity':
      return `#/activity${query({ subject: place.subject, entry: place.entry })}`;
    case 'settings':
      return `#/settings${query({ search: place.search })}`;
    case 'link-refused':
      return `#/link-refused${query({ kind: place.kind })}`;
    case 'unknown':
      return place.address;
    default:
      return assertNever(place);
  }
}

function query(values: Readonly<Record<string, string | undefined>>): string {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value) said.set(name, value);
  const text = said.toString();
  return text === '' ? '' : `?${text}`;
}

/** A part of an address as it was before it was written; one that was never written by us is taken as it stands. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The entry of the navigation that a place belongs to. */
export type Section = 'fleet' | 'runtimes' | 'cache' | 'activity' | 'settings';
export const sections: readonly Section[] = ['fleet', 'runtimes', 'cache', 'activity', 'settings'];

export function sectionOf(place: Place): Section | undefined {
  switch (place.page) {
    case 'fleet':
    case 'node':
    case 'mirror':
    case 'add':
      return 'fleet';
    case 'runtimes':
    case 'cache':
    case 'activity':
    case 'settings':
      return place.page;
    case 'link-refused':
    case 'unknown':
      return undefined;
    default:
      return assertNever(place);
  }
}
