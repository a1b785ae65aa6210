/**
 * Where a link of the pages may lead: https addresses that begin like one of these. The shell opens nothing else in the system's browser,
 * whoever asks; a page that shows a new link needs its beginning here.
 */
export const linkedPlaces = ['https://extensions.gnome.org/extension/'] as const;

/** An address that the pages may link to. */
export type OutsideAddress = `${(typeof linkedPlaces)[number]}${string}`;
