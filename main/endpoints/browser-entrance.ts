import { createHash, randomBytes } from 'node:crypto';

/** Addresses that were printed and not opened yet; the oldest beyond this many stops working. */
const largestTokens = 16;
/** Tabs that may come back (a reload, a lost connection); the one that came first is forgotten beyond this many. */
const largestSessions = 64;

const random = (): string => randomBytes(32).toString('base64url');
const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/**
 * Who may come in by a browser. A token stands in a printed address and works once; what it is exchanged for is the session of one tab.
 * Both are 256 random bits, live no longer than the core, and are kept as digests, so that looking one up says nothing by its timing.
 */
export class BrowserEntrance {
  readonly #tokens = new Set<string>();
  readonly #sessions = new Set<string>();

  /** A token for an address that is about to be printed. */
  newToken(): string {
    return put(this.#tokens, largestTokens);
  }

  /** The session for a token's first use; undefined for any other. */
  exchange(token: string): string | undefined {
    return this.#tokens.delete(digest(token)) ? put(this.#sessions, largestSessions) : undefined;
  }

  knows(session: string): boolean {
    return this.#sessions.has(digest(session));
  }
}

function put(set: Set<string>, largest: number): string {
  const secret = random();
  set.add(digest(secret));
  const [oldest] = set;
  if (set.size > largest && oldest !== undefined) set.delete(oldest);
  return secret;
}
