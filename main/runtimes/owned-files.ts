import { type Problem, fail } from '../../preload/contract/problem.ts';
import { hashOf, keyEdit, textEdit } from './file-diff.ts';
import type { FileEdit, MirrorEndpoint } from './runtime.ts';
import type { SwitchRecord } from './switch-records.ts';

/** A file as an ordinary user sees it: bytes, undefined for none, `unreadable` for one of root's. */
export type SeenFile = Uint8Array | undefined | 'unreadable';

/** What is known of files that are ours as a whole: what lies there, and what we wrote. */
export interface OwnedFacts {
  readonly record: SwitchRecord | undefined;
  readonly seen: ReadonlyMap<string, SeenFile>;
}

/** The three certificate files that Docker, Podman and containerd look for in a folder named after the registry. */
export function certificateFiles(folder: string): [ca: string, certificate: string, key: string] {
  return [`${folder}/ca.crt`, `${folder}/client.cert`, `${folder}/client.key`];
}

/** Edits after which an endpoint's certificate files are in the folder. Throws `certificates-not-ours`. Pure. */
export function certificateEdits(folder: string, endpoint: MirrorEndpoint, facts: OwnedFacts): FileEdit[] {
  const [ca, certificate, key] = certificateFiles(folder);
  return [
    ...ownedEdit(ca, endpoint.ca, facts),
    ...ownedEdit(certificate, endpoint.clientCertificate, facts),
    ...keyFileEdit(key, endpoint.clientKey.reveal(), facts),
  ];
}

/** The edit after which a file of ours holds this text; none where it does. Throws `certificates-not-ours` for someone else's file. Pure. */
export function ownedEdit(path: string, wanted: string, facts: OwnedFacts): FileEdit[] {
  const seen = facts.seen.get(path);
  if (seen === 'unreadable') return notOurs(path);
  const bytes = new TextEncoder().encode(wanted);
  if (hashOf(seen) === hashOf(bytes)) return [];
  if (seen !== undefined && !isOurs(path, seen, facts)) return notOurs(path);
  return [textEdit(path, seen, bytes)];
}

/** A root's key: whether it is there can be seen, what it holds only the record knows; the helper checks that. */
function keyFileEdit(path: string, wanted: string, facts: OwnedFacts): FileEdit[] {
  const seen = facts.seen.get(path);
  const recorded = facts.record?.files[path];
  const there = seen === 'unreadable' ? (recorded ?? notOurs(path)) : hashOf(seen);
  // After a switch that was killed the record names the key that was to be written, whether it was or not.
  const known = seen !== 'unreadable' || facts.record?.state !== 'switching';
  if (known && there === hashOf(new TextEncoder().encode(wanted))) return [];
  if (there !== 'absent' && there !== recorded) return notOurs(path);
  return [keyEdit(path, there, wanted)];
}

/** Deletes those of our files that no endpoint needs any more; one that someone changed stays, with a warning. Pure. */
export function staleEdits(
  ours: readonly string[],
  needed: readonly string[],
  facts: OwnedFacts,
): { edits: FileEdit[]; warnings: Problem[] } {
  const edits: FileEdit[] = [];
  const warnings: Problem[] = [];
  for (const path of ours) {
    const seen = facts.seen.get(path);
    const recorded = facts.record?.files[path];
    if (needed.includes(path) || seen === undefined || recorded === undefined) continue;
    if (seen !== 'unreadable' && !isOurs(path, seen, facts)) warnings.push(editKept(path));
    else if (path.endsWith('.key')) edits.push(keyEdit(path, recorded, undefined));
    else if (seen !== 'unreadable') edits.push(textEdit(path, seen, undefined));
  }
  return { edits, warnings };
}

/**
 * Refuses where one of our own configuration files (not a certificate) was edited since: taking it away would lose that edit, leaving it
 * would keep the engine on the mirror. Pure.
 */
export function refuseEdited(paths: readonly string[], facts: OwnedFacts): void {
  const edited = paths.find((path) => {
    const bytes = facts.seen.get(path);
    return bytes !== undefined && bytes !== 'unreadable' && !isOurs(path, bytes, facts);
  });
  if (edited !== undefined)
    fail({
      code: 'own-file-edited',
      message: `${edited} was written by Mirrorfleet and edited by someone else since. Nothing was changed.`,
      hint: 'Take that edit out, or delete the file, then switch again.',
    });
}

/** Whether a file holds what we wrote, or, after an interrupted switch, what we had written before. */
function isOurs(path: string, bytes: Uint8Array, { record }: OwnedFacts): boolean {
  const hash = hashOf(bytes);
  return record !== undefined && (record.files[path] === hash || record.interim.includes(hash));
}

/** The warning that someone's edit of a shared file stays. */
export function editKept(path: string): Problem {
  return {
    code: 'foreign-edit-kept',
    message: `${path} was edited by someone else since the switch; that edit is kept and only what is ours is taken out.`,
    hint: 'Look at the diff before you go on.',
    retryable: false,
  };
}

function notOurs(path: string): never {
  return fail({
    code: 'certificates-not-ours',
    message: `${path} is there and not from Mirrorfleet. Nothing was changed.`,
    hint: 'Move it away if nothing needs it, then switch again.',
  });
}
