import { parseBearerChallenge, tokenUrl } from '../hosts/bearer-challenge.ts';
import { Secret } from '../log/secret.ts';
import { type Answer, acceptManifests } from './ask.ts';

/** A token is thrown away so long before its end, in ms: the request it opens must still arrive. */
const marginMs = 10_000;
/** What a token server means that names no lifetime, in seconds. */
const unsaidLifetime = 60;

interface Token {
  readonly token: Secret;
  readonly until: number;
}

/** Keeps anonymous tokens, one for each place asked from and at, so that a probe is one request and not three. */
export class TokenPurse {
  readonly #tokens = new Map<string, Token>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Asks with the token at hand; where the answer is a bearer challenge, fetches a token from where it points and asks once more. Where
   * the token server itself says 429 or fails, that is the answer; where it refuses otherwise, the challenge is.
   */
  async withToken(
    key: string,
    ask: (headers: Record<string, string>) => Promise<Answer>,
    fetchToken: (url: URL) => Promise<Answer>,
  ): Promise<Answer> {
    const held = this.#tokens.get(key);
    const usable = held && held.until - marginMs > this.#now() ? held : undefined;
    const first = await ask(headersWith(usable));
    const challenge = first.status === 401 ? parseBearerChallenge(first.headers['www-authenticate'] ?? '') : undefined;
    if (!challenge) return first;
    this.#tokens.delete(key);
    const answer = await fetchToken(tokenUrl(challenge));
    const token = answer.status === 200 ? parseToken(answer.body, this.#now()) : undefined;
    if (!token) return answer.status === 429 || answer.status >= 500 ? answer : first;
    this.#tokens.set(key, token);
    return ask(headersWith(token));
  }
}

function headersWith(held: Token | undefined): Record<string, string> {
  return { accept: acceptManifests, ...(held && { authorization: `Bearer ${held.token.reveal()}` }) };
}

/** The token in a token server's JSON, undefined where there is none. Pure. */
export function parseToken(body: string, now: number): Token | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(json));
  const token = fields.get('token') ?? fields.get('access_token');
  if (typeof token !== 'string' || token === '') return undefined;
  const seconds = fields.get('expires_in');
  const lifetime = typeof seconds === 'number' && seconds > 0 ? seconds : unsaidLifetime;
  return { token: new Secret(token), until: now + lifetime * 1000 };
}
