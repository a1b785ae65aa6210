import { ProblemError } from '../../preload/contract/problem.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import type { Answer } from './ask.ts';

/** A failed request: a stable code for history, and why in a few words for a cell of a table. */
export interface Failure {
  readonly code: string;
  readonly because: Saying;
}

/** What the system and the TLS library call it, the code history keeps, and the sentence that says it. */
const named: Readonly<Record<string, readonly [code: string, saying: string]>> = {
  ECONNREFUSED: ['connection-refused', 'connection-refused'],
  ECONNRESET: ['connection-reset', 'connection-closed'],
  EPIPE: ['connection-reset', 'connection-closed'],
  ETIMEDOUT: ['timeout', 'no-answer-in-time'],
  ABORT_ERR: ['timeout', 'no-answer-in-time'],
  EHOSTUNREACH: ['unreachable', 'no-route'],
  ENETUNREACH: ['unreachable', 'no-network'],
  ENOTFOUND: ['name-not-found', 'name-not-found'],
  EAI_AGAIN: ['name-not-found', 'name-lookup-failed'],
  CERT_HAS_EXPIRED: ['certificate-expired', 'certificate-expired'],
  CERT_NOT_YET_VALID: ['certificate-not-yet-valid', 'certificate-not-yet-valid'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['certificate-wrong-name', 'certificate-wrong-name'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['certificate-untrusted', 'certificate-other-authority'],
  SELF_SIGNED_CERT_IN_CHAIN: ['certificate-untrusted', 'certificate-other-authority'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['certificate-untrusted', 'certificate-other-authority'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['certificate-untrusted', 'certificate-other-authority'],
  CERT_SIGNATURE_FAILURE: ['certificate-untrusted', 'certificate-other-authority'],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ['client-refused', 'client-certificate-asked'],
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: ['client-refused', 'client-certificate-other-authority'],
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: ['client-refused', 'client-certificate-expired'],
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: ['client-refused', 'client-certificate-revoked'],
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: ['client-refused', 'client-certificate-refused'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['no-tls', 'no-tls'],
};

/** Problems of the registry exchange that have no more exact cause, and the sentence for each. */
const problemSayings: Readonly<Record<string, string>> = {
  timeout: 'no-answer-in-time',
  'connection-refused': 'connection-refused',
  'connection-broken': 'connection-closed',
  'client-certificate-refused': 'client-certificate-refused',
  'tls-untrusted': 'certificate-not-trusted',
  'tls-failed': 'no-tls',
  'no-route': 'no-route',
  'name-not-found': 'name-not-found',
};

/** Answers that have words of their own; any other is said by its number and what came with it. */
const refusals: Readonly<Record<number, string>> = {
  401: 'answered-unauthorized',
  403: 'answered-forbidden',
  404: 'answered-not-found',
  429: 'answered-too-many',
};

/** A network that wants a login, or a broken proxy, answers every question with 200 and a page of its own. */
export function isWebPage({ status, headers }: Answer): boolean {
  return status < 400 && /^text\/html\b/i.test(headers['content-type'] ?? '');
}

/** Such an answer as a failure. */
export const webPage: Failure = { code: 'web-page', because: { code: 'answered-web-page' } };

/** Every sentence a failure may be said with: each of them exists a second time with `new-images-` before it. */
export const failureSayings: ReadonlySet<string> = new Set([
  ...Object.values(named).map(([, saying]) => saying),
  ...Object.values(problemSayings),
  ...Object.values(refusals),
  webPage.because.code,
  'answered',
  'answered-text',
  'failed-otherwise',
]);

/** What went wrong, whichever way it comes: a Problem, a socket's error, or one hidden behind several addresses tried at once. */
export function failureOf(error: unknown): Failure {
  const known = knownFailure(error);
  if (known) return known;
  if (error instanceof ProblemError) {
    const { code, message } = error.problem;
    const saying = problemSayings[code];
    return { code, because: saying === undefined ? otherwise(message) : { code: saying } };
  }
  return { code: 'failed', because: otherwise(error instanceof Error ? error.message : String(error)) };
}

/** An answer that is a refusal, as a failure. */
export function refusalOf(answer: Answer): Failure & { readonly status: number } {
  const { status } = answer;
  const saying = refusals[status];
  const because = saying === undefined ? complaintIn(answer) : { code: saying, values: { status } };
  return { code: `${status}`, because, status };
}

/** The error an answer carries, in few words: the registry's own message, or the plain text of an Envoy. */
export function complaintIn(answer: Answer): Saying {
  const { status } = answer;
  const text = complaintText(answer);
  return text === '' ? { code: 'answered', values: { status } } : { code: 'answered-text', values: { status, text } };
}

function complaintText(answer: Answer): string {
  const text = answer.body.trim();
  if (text.startsWith('{')) return /"message"\s*:\s*"((?:[^"\\]|\\.){1,80})/.exec(text)?.[1] ?? '';
  const isPlain = (answer.headers['content-type'] ?? '').includes('text/plain');
  return isPlain ? (text.split('\n')[0] ?? '').slice(0, 80) : '';
}

function knownFailure(error: unknown): Failure | undefined {
  if (error instanceof ProblemError) {
    const cause = error.problem.detail?.['cause'];
    return (cause === undefined ? undefined : byName(cause)) ?? knownFailure(error.cause);
  }
  if (error instanceof AggregateError) return knownFailure(error.errors[0]);
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'TimeoutError') return byName('ETIMEDOUT');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return (
    (code === undefined ? undefined : byName(code)) ??
    (error.cause === undefined ? undefined : knownFailure(error.cause))
  );
}

function byName(name: string): Failure | undefined {
  const found = Object.hasOwn(named, name) ? named[name] : undefined;
  return found && { code: found[0], because: { code: found[1] } };
}

function otherwise(message: string): Saying {
  const said = message.trim();
  const end = said.search(/[.;](\s|$)|\n/);
  return { code: 'failed-otherwise', values: { text: (end < 0 ? said : said.slice(0, end)).slice(0, 120) } };
}
