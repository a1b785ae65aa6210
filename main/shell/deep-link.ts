import { nodeNameSchema } from '../../preload/contract/node.ts';

/** The scheme of addresses that other programs may hand to this app: `mirrorfleet://node/tokyo`. */
export const linkScheme = 'mirrorfleet';

/** What an address leads to: a place among the pages, or the page that says why it leads nowhere. Both are addresses of the pages. */
export interface LinkPlace {
  readonly kind: 'place' | 'refused';
  readonly hash: string;
}

/** Longer addresses are nobody's; the longest of ours has 51 characters. */
const longest = 200;

/**
 * Reads an address that came from anywhere. A link only ever *shows* something: it changes nothing and carries nothing else along, so one
 * with a query, credentials or more parts than it needs is refused whole. `join` is kept for invitations, which this version cannot take.
 */
export function placeOf(address: string): LinkPlace {
  if (address.length <= longest) {
    const [, name] = /^mirrorfleet:\/\/node\/([^/?#]+)\/?$/i.exec(address) ?? [];
    if (nodeNameSchema.safeParse(name).success) return { kind: 'place', hash: `#/fleet/${name}` };
  }
  const kind = /^mirrorfleet:\/\/join(?:[/?#]|$)/i.test(address) ? 'join' : 'unknown';
  return { kind: 'refused', hash: `#/link-refused?kind=${kind}` };
}

/** The address among a command line's arguments, as the system puts it there when a link is opened; undefined without one. */
export function linkAmong(args: readonly string[]): string | undefined {
  return args.find((each) => each.toLowerCase().startsWith(`${linkScheme}:`));
}
