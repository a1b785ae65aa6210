import type { Route } from '../../preload/contract/runtime.ts';

/** What a click in the tray asks for. The tray does a switch and a test by itself; the rest is the shell's. */
export type TrayAction = { readonly kind: 'switch'; readonly route: Route } | { readonly kind: 'test' } | ShellAction;

/** `hash` is the place in the window (`#/runtimes`), as the pages write it; without one the window shows what it showed. */
export type ShellAction =
  | { readonly kind: 'open'; readonly hash?: string }
  | { readonly kind: 'start-core' }
  /** Shows the core's log in the system's file manager. */
  | { readonly kind: 'show-log' }
  | { readonly kind: 'quit' };
