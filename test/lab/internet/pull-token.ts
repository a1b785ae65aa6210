import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { UpstreamName } from './upstreams.ts';

/** What a token says. `repositories` may be pulled; `account` is absent for an anonymous client. */
export interface TokenClaims {
  readonly upstream: UpstreamName;
  readonly repositories: readonly string[];
  readonly account?: string | undefined;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const key = randomBytes(32);

/** A bearer token that only this gate accepts. */
export function sealToken(claims: TokenClaims): string {
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${body}.${signature(body)}`;
}

/** The claims of a token that is genuine and still good; otherwise nothing. */
export function openToken(token: string): TokenClaims | undefined {
  const [body = '', seal = ''] = token.split('.');
  const expected = Buffer.from(signature(body));
  const given = Buffer.from(seal);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as TokenClaims;
  return claims.expires > Date.now() ? claims : undefined;
}

/** The repositories that scopes such as `repository:library/nginx:pull,push` ask to pull. */
export function pullScopes(scopes: readonly string[]): string[] {
  return scopes
    .flatMap((scope) => scope.split(' '))
    .flatMap((scope) => {
      const [, repository, actions] = /^repository(?:\([^)]*\))?:(.+):([a-z,*]+)$/.exec(scope) ?? [];
      return repository !== undefined && actions?.split(',').includes('pull') ? [repository] : [];
    });
}

function signature(body: string): string {
  return createHmac('sha256', key).update(body).digest('base64url');
}
