import type { Upstream } from './upstreams.ts';

/** What a request is about; `ping` is `/v2/`. */
export type RequestKind = 'ping' | 'token' | 'manifests' | 'blobs' | 'tags' | 'other';

export interface RequestSubject {
  readonly kind: RequestKind;
  readonly repository?: string | undefined;
  /** A tag or a digest. */
  readonly reference?: string | undefined;
}

/** Reads what `path` (without query) on `host` asks for. */
export function requestSubject(upstream: Upstream, host: string, path: string): RequestSubject {
  if (host === upstream.token?.host && path === upstream.token.path) return { kind: 'token' };
  if (path === '/v2/' || path === '/v2') return { kind: 'ping' };
  if (host === upstream.blobHost) return { kind: 'blobs' };
  const [, repository, word, reference] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(path) ?? [];
  if (word === 'manifests' || word === 'blobs' || word === 'tags') return { kind: word, repository, reference };
  return { kind: 'other' };
}
