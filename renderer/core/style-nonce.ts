/** The name under which `react-remove-scroll` (below Mantine's dialogs) looks for the nonce of its style element. */
declare global {
  var __webpack_nonce__: string | undefined;
}

/**
 * The nonce that style elements of this page need under the browser door's policy; empty where no door demands one (the stage, a file).
 * React's style attributes need none.
 */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}

/** Hands the nonce to the libraries that make style elements by themselves. */
export function shareStyleNonce(): void {
  globalThis.__webpack_nonce__ = styleNonce();
}
