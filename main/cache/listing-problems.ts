import { fail } from '../../preload/contract/problem.ts';

/** Something else than a listing came: a server that cannot be trusted, or a stranger's files among the cache. */
export function invalid(why: string): never {
  fail({
    code: 'cache-listing-invalid',
    message: `The server's list of cached files cannot be trusted: ${why}. Nothing was changed.`,
    hint: 'Look into the data folder on the server: something other than the registries has written there.',
  });
}

/** The script met a folder it could not read. A link nobody saw must not free a blob, so there is no listing at all. */
export function unreadable(): never {
  fail({
    code: 'cache-unreadable',
    message: 'Part of the cache could not be read on the server; nothing was changed.',
    hint: 'Look at the server for a damaged disk or folders its administrator cannot enter, then try again.',
  });
}
