import { Secret } from '../log/secret.ts';
import type { Answer } from './ask.ts';
import { manifestTypes } from './ask.ts';
import { parseChallenge, parseToken, tokenQuery } from './bearer.ts';

/** A token is thrown away so long before its end, in ms: the request it opens must still arrive. */
const marginMs = 10_000;

/** Keeps anonymous tokens, one for each place asked from and at, so that a probe is one request and not three. */
export class TokenPurse {
  readonly #tokens = new Map<string, { readonly token: Secret; readonly until: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Asks with the token at hand; where the answer is a bearer challenge, fetches a token from where it points and asks once more. A token
   * server that refuses leaves its own answer where it is a refusal (429), else the challenge.
   */
  async withToken(
    key: string,
    scope: string | undefined,
    ask: (headers: Record<string, string>) => Promise<Answer>,
    fetchToken: (url: URL) => Promise<Answer>,
  ): Promise<Answer> {
    const held = this.#tokens.get(key);
    const usable = held && held.until - marginMs > this.#now() ? held : undefined;
    const first = await ask(headersWith(usable?.token));
    if (first.status !== 401 || scope === undefined) return first;
    this.#tokens.delete(key);
    const challenge = parseChallenge(first.headers['www-authenticate']);
    if (!challenge) return first;
    const url = new URL(challenge.realm);
    for (const [name, value] of tokenQuery(challenge, scope)) url.searchParams.set(name, value);
    const answer = await fetchToken(url);
    const found = answer.status === 200 ? parseToken(answer.body, this.#now()) : undefined;
    if (!found) return answer.status === 429 || answer.status >= 500 ? answer : first;
    const token = new Secret(found.token);
    this.#tokens.set(key, { token, until: found.until });
    return ask(headersWith(token));
  }
}

function headersWith(token: Secret | undefined): Record<string, string> {
  return { accept: manifestTypes, ...(token && { authorization: `Bearer ${token.reveal()}` }) };
}
