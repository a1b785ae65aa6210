import type { IncomingMessage } from 'node:http';
import { isPrivate } from './accounts.ts';
import { openToken } from './pull-token.ts';
import type { RequestSubject } from './request-kind.ts';
import type { Upstream } from './upstreams.ts';

/** Whether a request may pass, and as whom. */
export type Access = { readonly allowed: true; readonly account?: string | undefined } | { readonly allowed: false };

/** Checks the bearer token: genuine, of this upstream, and with this repository in its scope. */
export function checkAccess(
  request: IncomingMessage,
  upstream: Upstream,
  { kind, repository }: RequestSubject,
): Access {
  if (upstream.token === undefined) return { allowed: repository === undefined || !isPrivate(repository) };
  const [, bearer] = /^bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const claims = bearer === undefined ? undefined : openToken(bearer);
  if (claims === undefined || claims.upstream !== upstream.name) return { allowed: false };
  const inScope = kind === 'ping' || (repository !== undefined && claims.repositories.includes(repository));
  return inScope ? { allowed: true, account: claims.account } : { allowed: false };
}
