import type { IncomingHttpHeaders } from 'node:http';
import type { Problem } from '../../preload/contract/problem.ts';
import { errorCode } from './ssh-problems.ts';

const untrusted = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** TLS alerts by which a server says that it does not like the client's certificate, or misses one (RFC 8446 §6.2). */
const refusedAlert =
  /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_EXPIRED|CERTIFICATE_REVOKED|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)/;

/** A request that got no answer at all. `where` is `host:port`. */
export function noAnswer(where: string, error: unknown, phase: 'before-tls' | 'after-tls'): Problem {
  const code = errorCode(error) ?? '';
  const words = error instanceof Error ? error.message : String(error);
  const detail = { address: where, cause: code || words };
  if (code === 'ECONNREFUSED') {
    return {
      code: 'connection-refused',
      message: `Nothing answers at ${where}: the connection was refused.`,
      hint: 'Check that the service runs and that the port is right.',
      retryable: true,
      detail,
    };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      code: 'name-not-found',
      message: `The name of ${where} could not be looked up.`,
      hint: 'Check the name and your DNS.',
      retryable: true,
      detail,
    };
  }
  if (untrusted.has(code)) {
    return {
      code: 'tls-untrusted',
      message: `The certificate of ${where} is not trusted: ${words}. Nothing was sent.`,
      hint:
        code === 'CERT_HAS_EXPIRED'
          ? 'Renew the certificate of that server.'
          : 'Check that this is the right server and that its CA is the one expected.',
      retryable: false,
      detail,
    };
  }
  if (refusedAlert.test(code)) {
    return {
      code: 'client-certificate-refused',
      message: `${where} refused this computer's client certificate, or misses one.`,
      hint: 'The certificate may have expired or be signed by another CA; switch again to renew it.',
      retryable: false,
      detail,
    };
  }
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return {
      code: 'no-route',
      message: `${where} cannot be reached from here.`,
      hint: 'Check the network connection and the address.',
      retryable: true,
      detail,
    };
  }
  if (phase === 'before-tls' && (code === 'EPROTO' || code.startsWith('ERR_SSL'))) {
    return {
      code: 'tls-failed',
      message: `No TLS connection could be made to ${where}: ${words}.`,
      hint: 'Another service may listen on this port, or one of plain HTTP.',
      retryable: false,
      detail,
    };
  }
  return {
    code: 'connection-broken',
    message: `${where} broke the connection before its answer was complete (${code || words}).`,
    hint: 'Try again; if it stays, look at the log of that server.',
    retryable: true,
    detail,
  };
}

/** An answer that did not come in time; `waitedFor` says for what. */
export function tooSlow(where: string, waitedFor: string, ms: number): Problem {
  return {
    code: 'timeout',
    message: `${where} did not send ${waitedFor} within ${ms / 1000} s.`,
    hint: 'It may be overloaded, or waiting for its own upstream.',
    retryable: true,
    detail: { address: where, waitedFor },
  };
}

const told = [
  'ratelimit-limit',
  'ratelimit-remaining',
  'docker-ratelimit-source',
  'retry-after',
  'x-edge-id',
  'www-authenticate',
];

/** An answer that says no. `detail` has the status, the registry's own error code and words, and the rate headers it sent. */
export function badStatus(
  where: string,
  what: string,
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
): Problem {
  const own = registryError(body);
  const detail: Record<string, string> = { status: String(status), address: where, request: what };
  if (own !== undefined) Object.assign(detail, own);
  for (const name of told) {
    const value = headers[name];
    if (value !== undefined) detail[name] = String(value);
  }
  return {
    code: 'upstream-status',
    message: `${where} answered ${what} with ${status}${own === undefined ? '' : ` (${own.error}${own.words ? `: ${own.words}` : ''})`}.`,
    hint:
      status === 429
        ? 'The upstream has counted too many pulls; wait for its window to pass.'
        : status === 401 || status === 403
          ? 'This image is private, or this computer is not allowed there.'
          : status === 404
            ? 'Check the name and tag of the image.'
            : 'Look at the log of that server.',
    retryable: status === 429 || status >= 500,
    detail,
  };
}

/** The first error of a registry's JSON error body (`{"errors":[{code,message}]}`). */
function registryError(body: string): { error: string; words: string } | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null || !('errors' in parsed) || !Array.isArray(parsed.errors))
      return undefined;
    const first: unknown = parsed.errors[0];
    if (typeof first !== 'object' || first === null || !('code' in first)) return undefined;
    return {
      error: String(first.code).slice(0, 100),
      words: 'message' in first ? String(first.message).slice(0, 500) : '',
    };
  } catch {
    return undefined;
  }
}

/** Bytes that are not what their digest says. */
export function digestMismatch(where: string, what: string, expected: string, found: string): Problem {
  return {
    code: 'digest-mismatch',
    message: `${what} from ${where} is damaged: its digest is ${found}, not ${expected}. It was thrown away.`,
    hint: 'Scrub the cache of that node; a damaged file there is fetched anew.',
    retryable: true,
    detail: { address: where, expected, found },
  };
}
