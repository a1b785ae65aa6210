import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { createTwoFilesPatch } from 'diff';
import type { FileChange } from '../../preload/contract/runtime.ts';
import type { FileEdit } from './runtime.ts';

/** SHA-256 in hex of a file's bytes; `absent` for no file. */
export function hashOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'absent' : createHash('sha256').update(bytes).digest('hex');
}

/** A change of a text file as an edit with its unified diff. */
export function textEdit(path: string, before: Uint8Array | undefined, after: Uint8Array | undefined): FileEdit {
  return {
    path,
    bytes: after,
    mode: 0o644,
    expect: hashOf(before),
    change: {
      path,
      action: actionOf(before !== undefined, after !== undefined),
      diff: unifiedDiff(path, before && shown(before), after && shown(after)),
    },
  };
}

/** A private key as an edit; the diff names it by the SHA-256 of its public half. `known` is the hash of what is there. */
export function keyEdit(path: string, known: string, after: string | undefined): FileEdit {
  const there = known !== 'absent';
  const line = after === undefined ? undefined : `private key, public half ${publicFingerprint(after)}\n`;
  return {
    path,
    bytes: after === undefined ? undefined : new TextEncoder().encode(after),
    mode: 0o600,
    expect: known,
    change: {
      path,
      action: actionOf(there, after !== undefined),
      diff: unifiedDiff(path, there ? 'private key, not shown\n' : undefined, line),
    },
  };
}

function unifiedDiff(path: string, before: string | undefined, after: string | undefined): string {
  const name = (text: string | undefined): string => (text === undefined ? '/dev/null' : path);
  return createTwoFilesPatch(name(before), name(after), before ?? '', after ?? '', '', '', { context: 3 });
}

function actionOf(there: boolean, stays: boolean): FileChange['action'] {
  if (!stays) return 'delete';
  return there ? 'change' : 'create';
}

function shown(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes);
}

function publicFingerprint(key: string): string {
  const half = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });
  return `SHA256:${createHash('sha256').update(half).digest('base64').replace(/=+$/, '')}`;
}
