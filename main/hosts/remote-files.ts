import { createHash } from 'node:crypto';
import { fail } from '../../preload/contract/problem.ts';
import type { FileFound, ReplaceOptions } from './host.ts';

/*
 * Files of a machine, one round trip each: fixed scripts for any POSIX sh with the usual small tools (coreutils or busybox), the
 * file's bytes raw on standard input or output. Each answers one word first, then its facts.
 */

/** Arguments: path, most bytes. Answers `file MODE UID GID\n` and the bytes, or one word. Opened once, so facts and bytes are of one file. */
export const readScript = `LC_ALL=C; export LC_ALL
if [ -d "$1" ]; then echo not-a-file; exit 0; fi
if ! said=$( { : <"$1"; } 2>&1 ); then
  case $said in *[Pp]'ermission denied'*) echo denied;; *) [ -e "$1" ] && { printf 'failed %s\\n' "$said"; exit 0; }; echo absent;; esac
  exit 0
fi
exec 3<"$1"
set -- "$2" $(stat -L -c '%s %a %u %g' /proc/self/fd/3)
if [ "$2" -gt "$1" ]; then echo "too-large $2"; exit 0; fi
echo "file $3 $4 $5"
exec cat <&3`;

/**
 * Arguments: path, mode (octal), owner \`uid:gid\` or empty to keep, expected hash or \`absent\` or \`any\`, size. Input: the bytes.
 * A symbolic link stays, its target is replaced (followed step by step: busybox's readlink -f fails on a target that is not there
 * yet). The size is checked so that an upload cut in the middle changes nothing; the
 * expected hash is checked right before the rename.
 */
export const replaceScript = `LC_ALL=C; export LC_ALL; umask 077
path=$1 mode=$2 owner=$3 expect=$4 size=$5 temp=
answer() { printf '%s\\n' "$*"; exit 0; }
trap 'if [ -n "$temp" ]; then rm -f -- "$temp"; fi' EXIT
trap 'exit 1' HUP INT TERM PIPE
target=$path
hops=0
while [ -L "$target" ]; do
  hops=$((hops + 1)); [ "$hops" -le 40 ] || answer dangling
  link=$(readlink "$target" && echo x); link=\${link%?x}
  case $link in /*) target=$link;; *) target=\${target%/*}/$link;; esac
done
folder=\${target%/*}; folder=\${folder:-/}
[ -d "$target" ] && answer not-a-file
[ -d "$folder" ] || answer no-folder
problem() { case $1 in *[Nn]'o space left'*|*'uota exceeded'*) answer disk-full;; *[Pp]'ermission denied'*|*'not permitted'*) answer denied "$1";; *'ead-only file system'*) answer read-only;; *) answer failed "$1";; esac; }
said=$(mktemp "$folder/.mirrorfleet.XXXXXX" 2>&1) || problem "$said"
temp=$said
said=$( { cat >"$temp"; } 2>&1 ) || problem "$said"
got=$(wc -c <"$temp")
[ "$got" -eq "$size" ] || answer cut-short "$got"
if [ -z "$owner" ] && [ -e "$target" ]; then owner=$(stat -c %u:%g "$target"); fi
if [ -n "$owner" ] && [ "$owner" != "$(stat -c %u:%g "$temp")" ]; then said=$(chown "$owner" "$temp" 2>&1) || problem "$said"; fi
said=$(chmod "$mode" "$temp" 2>&1) || problem "$said"
said=$( { sync "$temp" || sync; } 2>&1 ) || problem "$said"
if [ "$expect" != any ]; then
  now=absent
  if [ -e "$target" ]; then now=$(sha256sum <"$target") || answer denied unreadable; now=\${now%% *}; fi
  [ "$now" = "$expect" ] || answer changed "$now"
fi
said=$(mv -f -- "$temp" "$target" 2>&1) || problem "$said"
temp=
sync "$folder" 2>/dev/null || sync
answer done`;

/** Argument: path. A link is removed, not what it points to. */
export const removeScript = `LC_ALL=C; export LC_ALL
if [ -d "$1" ] && [ ! -L "$1" ]; then echo not-a-file; exit 0; fi
if said=$(rm -f -- "$1" 2>&1); then echo done; exit 0; fi
case $said in *[Pp]'ermission denied'*|*'not permitted'*) echo "denied $said";; *'ead-only file system'*) echo read-only;; *'ot a directory'*) echo done;; *) echo "failed $said";; esac`;

/** Arguments of {@link replaceScript}. */
export function replaceArguments(path: string, bytes: Uint8Array, options: ReplaceOptions): string[] {
  const owner = options.owner === undefined ? '' : `${options.owner.uid}:${options.owner.gid}`;
  return [path, options.mode.toString(8), owner, options.expect ?? 'any', String(bytes.length)];
}

/** A file out of {@link readScript}'s output; undefined where there is none. */
export function fileFrom(output: Buffer, name: string, path: string): FileFound | undefined {
  const end = output.indexOf(0x0a);
  const head = output.subarray(0, end < 0 ? output.length : end).toString('utf8');
  const found = /^file ([0-7]+) (\d+) (\d+)$/.exec(head);
  if (found !== null) {
    const bytes = output.subarray(end + 1);
    return {
      bytes,
      mode: Number.parseInt(found[1] ?? '', 8),
      uid: Number(found[2]),
      gid: Number(found[3]),
      hash: hashOf(bytes),
    };
  }
  if (head === 'absent') return undefined;
  return failWith(head, 'read', name, path);
}

/** The SHA-256 of a file's bytes in hex, as `expect` takes it. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Turns a script's word into its Problem; every one of them left the file as it was. */
export function failWith(answer: string, verb: 'read' | 'replace' | 'remove', name: string, path: string): never {
  const [word = '', ...rest] = answer.trim().split(' ');
  const detail = { path, ...(rest.length > 0 ? { said: rest.join(' ') } : {}) };
  const where = `${path} on ${name}`;
  switch (word) {
    case 'denied':
      return fail({
        code: 'permission-denied',
        message: `${name} does not let this user ${verb} ${path}. It was left as it was.`,
        hint: 'Use a user who may, or root.',
        detail,
      });
    case 'not-a-file':
      return fail({
        code: 'not-a-file',
        message: `${where} is a folder, not a file. It was left as it was.`,
        hint: 'Move it away if it is not needed.',
        detail,
      });
    case 'no-folder':
    case 'dangling':
      return fail({
        code: 'folder-missing',
        message: `The folder of ${where} does not exist. Nothing was written.`,
        hint: 'Make the folder first.',
        detail,
      });
    case 'too-large':
      return fail({
        code: 'output-too-large',
        message: `${where} has ${rest[0] ?? 'too many'} bytes, more than expected of such a file. It was not read.`,
        hint: 'Look at that file; it is probably not what it should be.',
        detail,
      });
    case 'changed':
      return fail({
        code: 'file-changed',
        message: `${where} was changed by someone else in the meantime. It was left as it is now.`,
        hint: 'Look at the new content and try again.',
        retryable: true,
        detail: { path, found: rest[0] ?? '' },
      });
    case 'disk-full':
      return fail({
        code: 'disk-full',
        message: `There is no space left to write ${where}. It was left as it was.`,
        hint: 'Free some space there and try again.',
        retryable: true,
        detail,
      });
    case 'read-only':
      return fail({
        code: 'read-only-file-system',
        message: `${where} is on a file system that is mounted read-only. It was left as it was.`,
        hint: 'Mount it writable, or choose another folder.',
        detail,
      });
    case 'cut-short':
      return fail({
        code: 'connection-lost',
        message: `Only a part of ${where} arrived. It was left as it was.`,
        hint: 'Try again.',
        retryable: true,
        detail,
      });
    default:
      return fail({
        code: 'file-failed',
        message: `${name} could not ${verb} ${path}. It was left as it was.`,
        hint: 'The detail holds what the machine said.',
        detail: { path, said: answer.trim() },
      });
  }
}
