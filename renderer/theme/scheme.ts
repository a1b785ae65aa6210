/** Which colours the reader chose; `system` follows the computer. */
export const schemes = ['system', 'light', 'dark'] as const;
export type Scheme = (typeof schemes)[number];

/** Under this name a browser keeps it, in Mantine's words. */
export const schemeKey = 'mirrorfleet-theme';

/** Mantine calls the computer's own choice `auto`. */
export const toMantine = (scheme: Scheme): 'auto' | 'light' | 'dark' => (scheme === 'system' ? 'auto' : scheme);
export const fromMantine = (scheme: 'auto' | 'light' | 'dark'): Scheme => (scheme === 'auto' ? 'system' : scheme);
