import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Accounts, isPrivate } from './accounts.ts';
import { pullScopes, sealToken } from './pull-token.ts';
import { sendRegistryError } from './registry-error.ts';
import type { Upstream } from './upstreams.ts';

const lifetimeSeconds = 300;

/**
 * Hands out pull tokens as the registries do: by GET with Basic credentials or none, or by POST with a password
 * (OAuth 2, which Docker and containerd prefer when they have credentials). Returns the account, if any.
 */
export async function answerTokenRequest(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: Upstream,
  accounts: Accounts,
): Promise<string | undefined> {
  const { searchParams } = new URL(request.url ?? '/', 'https://token');
  const form = request.method === 'POST' ? new URLSearchParams(await text(request)) : undefined;
  const who = form
    ? identifyForm(accounts, upstream, form)
    : accounts.identify(upstream.name, request.headers.authorization);
  if (who === 'wrong') {
    sendRegistryError(response, upstream, 401);
    return undefined;
  }
  const account = who === 'anonymous' ? undefined : who.account;
  const asked = pullScopes((form ?? searchParams).getAll('scope'));
  const repositories = asked.filter((repository) => account !== undefined || !isPrivate(repository));
  const expires = Date.now() + lifetimeSeconds * 1000;
  const token = sealToken({ upstream: upstream.name, repositories, account, expires });
  const body = JSON.stringify({
    token,
    access_token: token,
    expires_in: lifetimeSeconds,
    issued_at: new Date().toISOString(),
  });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
  return account;
}

function identifyForm(
  accounts: Accounts,
  upstream: Upstream,
  form: URLSearchParams,
): { readonly account: string } | 'wrong' {
  const user = form.get('username') ?? '';
  return accounts.accepts(upstream.name, user, form.get('password') ?? '') ? { account: user } : 'wrong';
}
