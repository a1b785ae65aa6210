/**
 * The hosts that the pages link to, always by https. The shell opens an address of no other host in the system's browser. Zod-free, because
 * the pages need it before they show anything.
 */
export const linkHosts = ['extensions.gnome.org'] as const;

/** An address that the pages may link to. */
export type OutsideAddress = `https://${(typeof linkHosts)[number]}/${string}`;
