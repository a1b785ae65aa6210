import { ProblemError } from '../../preload/contract/problem.ts';

/** A failed request in a few words, for a cell of a table, with a stable code for history. */
export interface Failure {
  readonly code: string;
  readonly reason: string;
}

/** What the system and the TLS library call it, and what people call it. */
const words: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: { code: 'connection-refused', reason: 'connection refused' },
  ECONNRESET: { code: 'connection-reset', reason: 'connection closed by the other side' },
  EPIPE: { code: 'connection-reset', reason: 'connection closed by the other side' },
  ETIMEDOUT: { code: 'timeout', reason: 'no answer in time' },
  ABORT_ERR: { code: 'timeout', reason: 'no answer in time' },
  EHOSTUNREACH: { code: 'unreachable', reason: 'no route to the address' },
  ENETUNREACH: { code: 'unreachable', reason: 'no network' },
  ENOTFOUND: { code: 'name-not-found', reason: 'name not found' },
  EAI_AGAIN: { code: 'name-not-found', reason: 'name lookup failed' },
  CERT_HAS_EXPIRED: { code: 'certificate-expired', reason: 'certificate expired' },
  CERT_NOT_YET_VALID: { code: 'certificate-not-yet-valid', reason: 'certificate not yet valid' },
  ERR_TLS_CERT_ALTNAME_INVALID: { code: 'certificate-wrong-name', reason: 'certificate is for another name' },
  DEPTH_ZERO_SELF_SIGNED_CERT: { code: 'certificate-untrusted', reason: 'certificate of another authority' },
  SELF_SIGNED_CERT_IN_CHAIN: { code: 'certificate-untrusted', reason: 'certificate of another authority' },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { code: 'certificate-untrusted', reason: 'certificate of another authority' },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { code: 'certificate-untrusted', reason: 'certificate of another authority' },
  CERT_SIGNATURE_FAILURE: { code: 'certificate-untrusted', reason: 'certificate of another authority' },
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: { code: 'client-refused', reason: 'client certificate asked for' },
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: { code: 'client-refused', reason: 'client certificate of another authority' },
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: { code: 'client-refused', reason: 'client certificate expired' },
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: { code: 'client-refused', reason: 'client certificate revoked' },
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: { code: 'client-refused', reason: 'client certificate refused' },
  ERR_SSL_WRONG_VERSION_NUMBER: { code: 'no-tls', reason: 'no TLS on that port' },
};

/** Problems of the registry exchange that have no more exact cause. */
const problemWords: Readonly<Record<string, string>> = {
  timeout: 'no answer in time',
  'connection-refused': 'connection refused',
  'connection-broken': 'connection closed by the other side',
  'client-certificate-refused': 'client certificate refused',
  'tls-untrusted': 'certificate not trusted',
  'tls-failed': 'no TLS on that port',
  'no-route': 'no route to the address',
  'name-not-found': 'name not found',
};

/** What went wrong, whichever way it comes: a Problem, a socket's error, or one hidden behind several addresses tried at once. */
export function failureOf(error: unknown): Failure {
  const known = knownFailure(error);
  if (known) return known;
  if (error instanceof ProblemError) {
    const { code, message } = error.problem;
    return { code, reason: problemWords[code] ?? firstSentence(message) };
  }
  return { code: 'failed', reason: error instanceof Error ? firstSentence(error.message) : String(error) };
}

function knownFailure(error: unknown): Failure | undefined {
  if (error instanceof ProblemError) {
    const cause = error.problem.detail?.['cause'];
    return (cause === undefined ? undefined : words[cause]) ?? knownFailure(error.cause);
  }
  if (error instanceof AggregateError) return knownFailure(error.errors[0]);
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'TimeoutError') return words['ETIMEDOUT'];
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return (
    (code === undefined ? undefined : words[code]) ??
    (error.cause === undefined ? undefined : knownFailure(error.cause))
  );
}

function firstSentence(text: string): string {
  const end = text.search(/[.;](\s|$)|\n/);
  return (end < 0 ? text : text.slice(0, end)).slice(0, 120);
}
