import { expect, it, test } from 'vitest';
import { ProblemError } from '../../../preload/contract/problem.ts';
import type { Answer } from '../../../main/monitor/ask.ts';
import { complaintIn, failureOf, failureSayings, isWebPage, refusalOf } from '../../../main/monitor/failures.ts';
import { say } from '../../../main/terminal/sayings.ts';

const answer = (status: number, type?: string, body = ''): Answer => ({
  status,
  headers: { 'content-type': type },
  body,
  firstByteMs: 1,
  totalMs: 1,
});
const coded = (code: string, more: Partial<Error> = {}): Error => Object.assign(new Error('raw words'), { code }, more);
const problem = (code: string, options: { cause?: unknown; detail?: Record<string, string> } = {}) =>
  new ProblemError(
    { code, message: 'Raw words.', hint: 'h', retryable: true, ...(options.detail && { detail: options.detail }) },
    { cause: options.cause },
  );

it.each([
  ['ECONNREFUSED', 'connection-refused', 'connection refused'],
  ['ECONNRESET', 'connection-reset', 'connection closed by the other side'],
  ['EPIPE', 'connection-reset', 'connection closed by the other side'],
  ['ETIMEDOUT', 'timeout', 'no answer in time'],
  ['ABORT_ERR', 'timeout', 'no answer in time'],
  ['EHOSTUNREACH', 'unreachable', 'no route to the address'],
  ['ENETUNREACH', 'unreachable', 'no network'],
  ['ENOTFOUND', 'name-not-found', 'name not found'],
  ['EAI_AGAIN', 'name-not-found', 'name lookup failed'],
  ['CERT_HAS_EXPIRED', 'certificate-expired', 'certificate expired'],
  ['CERT_NOT_YET_VALID', 'certificate-not-yet-valid', 'certificate not yet valid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate-wrong-name', 'certificate is for another name'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate-untrusted', 'certificate of another authority'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate-untrusted', 'certificate of another authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate-untrusted', 'certificate of another authority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate-untrusted', 'certificate of another authority'],
  ['CERT_SIGNATURE_FAILURE', 'certificate-untrusted', 'certificate of another authority'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'client-refused', 'client certificate asked for'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'client-refused', 'client certificate of another authority'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'client-refused', 'client certificate expired'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED', 'client-refused', 'client certificate revoked'],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'client-refused', 'client certificate refused'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'no-tls', 'no TLS on that port'],
])('%s is %s in history and "%s" to a person, wherever it is hidden', (name, code, words) => {
  const hidden = [
    coded(name),
    new Error('fetch failed', { cause: coded(name) }),
    new AggregateError([coded(name), coded('EACCES')]),
    problem('quite-new', { cause: coded(name) }),
    problem('quite-new', { detail: { cause: name } }),
  ];
  for (const error of hidden) {
    const found = failureOf(error);
    expect([found.code, say(found.because)]).toEqual([code, words]);
    expect(failureSayings).toContain(found.because.code);
  }
});

it.each([
  ['timeout', 'no answer in time'],
  ['connection-refused', 'connection refused'],
  ['connection-broken', 'connection closed by the other side'],
  ['client-certificate-refused', 'client certificate refused'],
  ['tls-untrusted', 'certificate not trusted'],
  ['tls-failed', 'no TLS on that port'],
  ['no-route', 'no route to the address'],
  ['name-not-found', 'name not found'],
])('a problem %s without a known cause is "%s"', (code, words) => {
  for (const cause of [undefined, new Error('odd'), coded('EODD'), 'text']) {
    const found = failureOf(problem(code, { cause }));
    expect([found.code, say(found.because)]).toEqual([code, words]);
  }
});

test('a signal that ran out is no answer in time, whatever its own code', () => {
  expect(failureOf(coded('23', { name: 'TimeoutError' })).code).toBe('timeout');
});

it.each([
  ['One. Two.', 'One'],
  ['One; two', 'One'],
  ['One.', 'One'],
  ['1.5 of tokyo.example is odd', '1.5 of tokyo.example is odd'],
  ['One\ntwo', 'One'],
  ['\nOne\ntwo', 'One'],
  ['x'.repeat(200), 'x'.repeat(120)],
])('what has no name is said by its first sentence: %j', (message, words) => {
  for (const error of [new Error(message), message]) {
    expect(failureOf(error)).toEqual({
      code: 'failed',
      because: { code: 'failed-otherwise', values: { text: words } },
    });
  }
});

it.each([
  [401, '401 unauthorized'],
  [403, '403 forbidden'],
  [404, '404 not found'],
  [429, '429 too many requests'],
  [500, '500 oh'],
])('an answer %i is a refusal with its number', (status, words) => {
  const { code, because, status: kept } = refusalOf(answer(status, 'text/plain', 'oh'));
  expect([code, say(because), kept]).toEqual([String(status), words, status]);
});

it.each([
  [
    'the registry’s own message',
    'application/json',
    '{"errors":[{"message" : "blob is gone","detail":1}]}',
    'blob is gone',
  ],
  ['no more of it than a cell has room for', 'application/json', `{"message":"${'m'.repeat(99)}"}`, 'm'.repeat(80)],
  ['the first line of plain text', 'text/plain; charset=utf-8', '\n no healthy upstream\nmore', 'no healthy upstream'],
  ['no more of that either', 'text/plain', 't'.repeat(99), 't'.repeat(80)],
  ['nothing of JSON without a message', 'application/json', '{"a":1}', undefined],
  ['nothing of a page', 'text/html', 'Bad Gateway', undefined],
  ['nothing of what does not say what it is', undefined, 'Bad Gateway', undefined],
])('an answer complains in %s', (_, type, body, text) => {
  const expected =
    text === undefined
      ? { code: 'answered', values: { status: 502 } }
      : { code: 'answered-text', values: { status: 502, text } };
  expect(complaintIn(answer(502, type, body))).toEqual(expected);
});

it.each([
  [200, 'text/html', true],
  [200, 'text/html; charset=utf-8', true],
  [200, 'Text/HTML;charset=UTF-8', true],
  [399, 'text/html', true],
  [400, 'text/html', false],
  [200, 'application/vnd.oci.image.index.v1+json', false],
  [200, 'application/json; was=text/html', false],
  [200, undefined, false],
])('an answer %i of %s is a web page: %s', (status, type, expected) => {
  expect(isWebPage(answer(status, type))).toBe(expected);
});

test('every failure is said by a sentence that exists a second time for new images', () => {
  const errors = [coded('ECONNREFUSED'), problem('timeout'), problem('quite-new'), new Error('odd')];
  for (const error of errors) expect(failureSayings).toContain(failureOf(error).because.code);
  for (const status of [401, 500]) expect(failureSayings).toContain(refusalOf(answer(status)).because.code);
  expect(failureSayings).toContain(complaintIn(answer(500, 'text/plain', 'no')).code);
});
