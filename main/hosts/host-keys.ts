import { readFile } from 'node:fs/promises';
import type { HostKey } from '../../preload/contract/node.ts';
import { assertNever } from '../../preload/contract/assert-never.ts';
import type { Problem } from '../../preload/contract/problem.ts';
import { type KnownHost, fingerprintOf, judgeKnownHosts, keyTypeOf, parseKnownHosts } from './known-hosts.ts';

/** The keys a person confirmed in this program. `host` is written as in known_hosts: `name`, or `[name]:port`. */
export interface HostKeyStore {
  pinned(host: string): readonly string[];
}

/** Whether a server may be talked to, and what to say when not. */
export type HostKeyVerdict =
  | { readonly kind: 'trusted'; readonly key: HostKey }
  | { readonly kind: 'refused'; readonly key: HostKey; readonly problem: Problem };

/** The lines of all known_hosts files that can be read; a missing file is an empty one. */
export async function readKnownHosts(files: readonly string[]): Promise<KnownHost[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.flatMap(parseKnownHosts);
}

/** Judges the key a server shows: known_hosts first, then what was confirmed here. Pure. */
export function judgeHostKey(
  host: string,
  shown: Uint8Array,
  entries: readonly KnownHost[],
  pinned: readonly string[],
): HostKeyVerdict {
  const key: HostKey = { host, type: keyTypeOf(shown), fingerprint: fingerprintOf(shown) };
  const answer = judgeKnownHosts(entries, host, shown);
  switch (answer.kind) {
    case 'trusted':
      return { kind: 'trusted', key };
    case 'revoked':
      return { kind: 'refused', key, problem: revoked(key) };
    case 'changed':
      return {
        kind: 'refused',
        key,
        problem: changed(
          key,
          answer.known.map((each) => `${each.type} ${each.fingerprint}`),
          'known_hosts',
        ),
      };
    case 'unknown':
      if (pinned.includes(key.fingerprint)) return { kind: 'trusted', key };
      return {
        kind: 'refused',
        key,
        problem: pinned.length > 0 ? changed(key, pinned, 'an earlier visit') : unknown(key),
      };
    default:
      return assertNever(answer);
  }
}

function unknown(key: HostKey): Problem {
  return {
    code: 'host-key-unknown',
    message: `${key.host} was never seen before. Its ${key.type} key is ${key.fingerprint}. Nothing was sent to it.`,
    hint: 'Compare the fingerprint with the one your provider or the server shows (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) and accept it.',
    retryable: false,
    detail: { host: key.host, type: key.type, fingerprint: key.fingerprint },
  };
}

function changed(key: HostKey, known: readonly string[], source: string): Problem {
  return {
    code: 'host-key-changed',
    message: `${key.host} shows another key than before: ${key.fingerprint} instead of ${known.join(', ')} (${source}). Nothing was sent to it.`,
    hint: `If the server was reinstalled, forget the old key (ssh-keygen -R '${key.host}', or remove and add the node) and confirm the new one. If not, someone may be in between.`,
    retryable: false,
    detail: { host: key.host, type: key.type, fingerprint: key.fingerprint, known: known.join('\n'), source },
  };
}

function revoked(key: HostKey): Problem {
  return {
    code: 'host-key-revoked',
    message: `${key.host} shows a key that known_hosts marks as revoked: ${key.fingerprint}. Nothing was sent to it.`,
    hint: 'Do not use this server until it has a new host key.',
    retryable: false,
    detail: { host: key.host, type: key.type, fingerprint: key.fingerprint },
  };
}
