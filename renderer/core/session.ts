import { ProblemError } from '../../preload/contract/problem-error.ts';
import { sessionEnded } from './problems.ts';

/** Where a tab keeps its session over a reload. It ends with the tab, and no other site or port of this computer can read it. */
const storageKey = 'mirrorfleet-session';

/** The parts of a window that the way in needs. */
export interface EntranceWindow {
  readonly location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  readonly history: Pick<History, 'replaceState'>;
  readonly sessionStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly fetch: (path: string, init: RequestInit) => Promise<Pick<Response, 'status' | 'json'>>;
}

/**
 * The way in: takes the one-time token out of the page's address (`#token=…`) at once, so that it is in no history, bookmark or picture
 * of the screen, and returns the function that gives the tab's session: the token's first use, or the one kept over a reload.
 * That function throws `session-ended` where the core knows neither, anything else where it cannot be asked now.
 */
export function enter(page: EntranceWindow): () => Promise<string> {
  let token = new URLSearchParams(page.location.hash.replace(/^#/, '')).get('token') ?? undefined;
  if (token !== undefined) page.history.replaceState(null, '', page.location.pathname + page.location.search);
  return async () => {
    if (token !== undefined) {
      const answer = await page.fetch('/session', { method: 'POST', headers: { authorization: `Bearer ${token}` } });
      token = undefined;
      if (answer.status === 200) page.sessionStorage.setItem(storageKey, String(await answer.json()));
    }
    const session = page.sessionStorage.getItem(storageKey);
    if (session === null || session === '') throw new ProblemError(sessionEnded);
    return session;
  };
}

/** Forgets a session that the core does not know (any more). */
export function forgetSession(page: Pick<EntranceWindow, 'sessionStorage'>): void {
  page.sessionStorage.removeItem(storageKey);
}
