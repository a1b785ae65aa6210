import { openToken, sealToken } from './pull-token.ts';
import type { Upstream } from './upstreams.ts';

const lifetimeMs = 10 * 60_000;

/** The address that Docker Hub redirects a blob download to: another host, good for a while, no token needed. */
export function blobLink(upstream: Upstream, repository: string, digest: string): string {
  const hex = digest.replace('sha256:', '');
  const expires = Date.now() + lifetimeMs;
  const verify = sealToken({ upstream: upstream.name, repositories: [repository], account: digest, expires });
  const path = `/registry-v2/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`;
  return `https://${upstream.blobHost}${path}?verify=${encodeURIComponent(verify)}`;
}

/** The registry's path for a link made by {@link blobLink}; nothing when the link is not genuine or too old. */
export function followBlobLink(url: URL): { readonly path: string; readonly repository: string } | undefined {
  const claims = openToken(url.searchParams.get('verify') ?? '');
  const [repository] = claims?.repositories ?? [];
  const digest = claims?.account;
  if (repository === undefined || digest === undefined) return undefined;
  if (!url.pathname.endsWith(`/${digest.replace('sha256:', '')}/data`)) return undefined;
  return { path: `/v2/${repository}/blobs/${digest}`, repository };
}
