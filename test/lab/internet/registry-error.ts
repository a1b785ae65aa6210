import type { ServerResponse } from 'node:http';
import type { Upstream } from './upstreams.ts';

const codes: Readonly<Record<number, string>> = {
  400: 'NAME_INVALID',
  401: 'UNAUTHORIZED',
  403: 'DENIED',
  404: 'MANIFEST_UNKNOWN',
  405: 'UNSUPPORTED',
  429: 'TOOMANYREQUESTS',
  500: 'UNKNOWN',
  503: 'UNAVAILABLE',
};

const hubLimitMessage =
  'You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit';

/** Answers with a registry's error document. A 401 also says where to fetch a token. */
export function sendRegistryError(
  response: ServerResponse,
  upstream: Upstream,
  status: number,
  options: {
    readonly repository?: string | undefined;
    readonly headers?: Record<string, string>;
    readonly code?: string;
  } = {},
): void {
  const code = options.code ?? codes[status] ?? 'UNKNOWN';
  const message = status === 429 && upstream.quota ? hubLimitMessage : code.toLowerCase().replaceAll('_', ' ');
  const body = JSON.stringify({ errors: [{ code, message }] });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'docker-distribution-api-version': 'registry/2.0',
    ...(status === 401 ? challenge(upstream, options.repository) : {}),
    ...options.headers,
  });
  response.end(body);
}

function challenge({ token }: Upstream, repository?: string): Record<string, string> {
  if (token === undefined) return {};
  const scope = repository === undefined ? '' : `,scope="repository:${repository}:pull"`;
  return { 'www-authenticate': `Bearer realm="https://${token.host}${token.path}",service="${token.service}"${scope}` };
}
