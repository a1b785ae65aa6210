import type { TlsIdentity } from '../hosts/registry-client.ts';

/** One HTTP request of a probe. `timeoutMs` bounds it from the first packet to the last byte. */
export interface Question {
  readonly method: 'GET' | 'HEAD';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent for an upstream, which the computer's own trust store vouches for. */
  readonly identity?: TlsIdentity;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Header names are lower-case. `firstByteMs` is the time to the answer's head, `totalMs` to its last byte. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly firstByteMs: number;
  readonly totalMs: number;
}

/** Asks once and follows nothing. Throws what kept it from an answer; an HTTP error status is an answer. */
export type Ask = (question: Question) => Promise<Answer>;

/** Every form a manifest may have; without it a registry denies that an OCI manifest exists. */
export const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** The error an answer carries, in few words: the registry's own message, or the plain text of an Envoy. */
export function complaintIn(answer: Answer): string {
  const text = answer.body.trim();
  if (/^\{/.test(text)) {
    const message = /"message"\s*:\s*"((?:[^"\\]|\\.){1,80})/.exec(text)?.[1];
    return message === undefined ? `${answer.status}` : `${answer.status} ${message}`;
  }
  const plain = /text\/plain/.test(answer.headers['content-type'] ?? '') ? (text.split('\n')[0] ?? '') : '';
  return plain === '' ? `${answer.status}` : `${answer.status} ${plain.slice(0, 80)}`;
}
