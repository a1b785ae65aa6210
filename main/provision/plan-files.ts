import { createTwoFilesPatch } from 'diff';
import type { PlanStep } from '../../preload/contract/node.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import { announcedVersion, sha256 } from './desired.ts';
import type { EdgeVersions } from './edge-stats.ts';
import type { Observed, ObservedFile } from './observed.ts';
import type { NodeDirectory, NodeFile } from './render/node-files.ts';

const octal = (mode: number): string => `0${mode.toString(8)}`;

/** A unified diff of a file's old and new text, three lines of context, under its path on the node. */
export function fileDiff(path: string, before: string | undefined, after: string): string {
  const from = before === undefined ? '/dev/null' : `a/${path}`;
  return createTwoFilesPatch(from, `b/${path}`, before ?? '', after, undefined, undefined, { context: 3 })
    .split('\n')
    .filter((line) => !line.startsWith('====='))
    .join('\n');
}

/** Why a file must be written; undefined where it is as it should be. */
function fileCause(file: NodeFile, found: ObservedFile | undefined): Saying | undefined {
  const wanted = sha256(file.text);
  if (found === undefined) {
    return file.sensitive
      ? { code: 'no-such-secret-file', values: { hash: wanted.slice(0, 12) } }
      : { code: 'no-such-file' };
  }
  if (found.hash !== wanted) {
    return file.sensitive
      ? { code: 'secret-content-differs', values: { before: found.hash.slice(0, 12), after: wanted.slice(0, 12) } }
      : { code: 'content-differs' };
  }
  return rightsCause(file, found);
}

/** Why a file's or folder's rights must change; undefined where they are as they should be. */
function rightsCause(
  wanted: Pick<NodeDirectory, 'mode' | 'owner'>,
  found: Pick<ObservedFile, 'mode' | 'uid' | 'gid'>,
): Saying | undefined {
  const { uid, gid } = wanted.owner;
  if (found.uid !== uid || found.gid !== gid) {
    return { code: 'owner-differs', values: { found: `${found.uid}:${found.gid}`, wanted: `${uid}:${gid}` } };
  }
  if (found.mode === wanted.mode) return undefined;
  return { code: 'mode-differs', values: { found: octal(found.mode), wanted: octal(wanted.mode) } };
}

/**
 * The version of a watched file's kind that the edge runs; an empty text where it runs none, undefined where it does not say.
 * `rds.yaml` holds the route table `edge`, another file the table of its own name.
 */
export function runningVersion(file: Pick<NodeFile, 'path' | 'role' | 'text'>, edge: EdgeVersions): string | undefined {
  const wanted = announcedVersion(file.text) ?? '';
  if (file.role === 'sds') return edge.secrets.length === 0 ? undefined : edge.secrets.includes(wanted) ? wanted : '';
  const name = /([^/]+)\.yaml$/.exec(file.path)?.[1] ?? '';
  if (name === 'cds') return edge.cds;
  if (name === 'lds') return edge.lds;
  return edge.routes[name === 'rds' ? 'edge' : name];
}

/** Why a file that lies there correctly must be handed to the running edge again. */
function pushCause(file: NodeFile, edge: EdgeVersions | undefined): Saying | undefined {
  if (edge === undefined || (file.role !== 'xds' && file.role !== 'sds')) return undefined;
  const running = runningVersion(file, edge);
  if (running === undefined || running === announcedVersion(file.text)) return undefined;
  return running === '' ? { code: 'edge-runs-none' } : { code: 'edge-runs-other', values: { version: running } };
}

export interface FileWork {
  readonly steps: readonly PlanStep[];
  readonly write: readonly NodeFile[];
  readonly remove: readonly string[];
}

/** The files to write and to remove, each with its cause and diff. A file that nobody recorded as ours is never removed. */
export function planFiles(files: readonly NodeFile[], observed: Observed): FileWork {
  const steps: PlanStep[] = [];
  const write: NodeFile[] = [];
  for (const file of files) {
    const found = observed.files[file.path];
    const cause = fileCause(file, found);
    const because = cause ?? pushCause(file, observed.edge);
    if (because === undefined) continue;
    write.push(file);
    const bytes = Buffer.byteLength(file.text);
    const shown =
      file.sensitive || (found !== undefined && found.text === undefined)
        ? undefined
        : fileDiff(file.path, found?.text, file.text);
    steps.push({
      id: `file:${file.path}`,
      resource: `file ${file.path}`,
      action: cause === undefined ? 'reload' : found === undefined ? 'create' : 'change',
      because,
      ...(shown !== undefined && cause !== undefined && shown.includes('@@') ? { diff: shown } : {}),
      bytes,
      interrupts: false,
    });
  }
  const wanted = new Set(files.map((file) => file.path));
  const remove = Object.keys(observed.state?.files ?? {})
    .filter((path) => !wanted.has(path) && observed.files[path] !== undefined)
    .toSorted();
  for (const path of remove) {
    const before = observed.files[path]?.text;
    steps.push({
      id: `file:${path}`,
      resource: `file ${path}`,
      action: 'remove',
      because: { code: 'file-not-needed' },
      ...(before === undefined ? {} : { diff: fileDiff(path, before, '') }),
      interrupts: false,
    });
  }
  return { steps, write, remove };
}

/** The folders and links to make or correct. What lies in a folder that is new itself is one step with it. */
export function planDirectories(
  directories: readonly NodeDirectory[],
  observed: Observed,
): { steps: PlanStep[]; make: NodeDirectory[] } {
  const causes = new Map<NodeDirectory, Saying>();
  for (const wanted of directories) {
    const cause = directoryCause(wanted, observed);
    if (cause !== undefined) causes.set(wanted, cause);
  }
  const make = [...causes.keys()];
  const isNew = (path: string): boolean =>
    observed.directories[path] === undefined && observed.links[path] === undefined;
  const inside = (path: string): NodeDirectory | undefined =>
    make.find((other) => isNew(other.path) && path.startsWith(`${other.path}/`));
  const steps = [...causes]
    .filter(([{ path }]) => inside(path) === undefined)
    .map(([wanted, because]): PlanStep => {
      const count = make.filter(({ path }) => inside(path) === wanted).length;
      return {
        id: `directory:${wanted.path}`,
        resource: `${wanted.target === undefined ? 'directory' : 'link'} ${wanted.path}`,
        action: isNew(wanted.path) ? 'create' : 'change',
        // Only a folder that is not there yet has anything new in it.
        because: count > 0 ? { code: 'no-such-directory-with', values: { count } } : because,
        interrupts: false,
      };
    });
  return { steps, make };
}

function directoryCause(wanted: NodeDirectory, observed: Observed): Saying | undefined {
  const target = observed.links[wanted.path];
  const found = observed.directories[wanted.path];
  if (wanted.target !== undefined) {
    if (target === wanted.target) return undefined;
    if (found !== undefined) return { code: 'folder-in-place' };
    return target === undefined
      ? { code: 'no-such-link', values: { wanted: wanted.target } }
      : { code: 'link-differs', values: { found: target, wanted: wanted.target } };
  }
  if (target !== undefined) return { code: 'link-in-place' };
  return found === undefined ? { code: 'no-such-directory' } : rightsCause(wanted, found);
}
