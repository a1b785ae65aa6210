import { createTwoFilesPatch } from 'diff';
import type { PlanStep } from '../../preload/contract/node.ts';
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
function fileCause(file: NodeFile, found: ObservedFile | undefined): string | undefined {
  if (found === undefined) return 'no such file';
  const wanted = sha256(file.text);
  if (found.hash !== wanted) {
    return file.sensitive
      ? `content differs (sha256 ${found.hash.slice(0, 12)} → ${wanted.slice(0, 12)}; holds a secret, not shown)`
      : 'content differs';
  }
  if (found.mode !== file.mode) return `mode ${octal(found.mode)} is not ${octal(file.mode)}`;
  if (found.uid !== file.owner.uid || found.gid !== file.owner.gid) {
    return `owner ${found.uid}:${found.gid} is not ${file.owner.uid}:${file.owner.gid}`;
  }
  return undefined;
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
function pushCause(file: NodeFile, edge: EdgeVersions | undefined): string | undefined {
  if (edge === undefined || (file.role !== 'xds' && file.role !== 'sds')) return undefined;
  const running = runningVersion(file, edge);
  if (running === undefined || running === announcedVersion(file.text)) return undefined;
  return running === '' ? 'the edge does not run this version' : `the edge runs version ${running}`;
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
    const push = cause === undefined ? pushCause(file, observed.edge) : undefined;
    if (cause === undefined && push === undefined) continue;
    write.push(file);
    const bytes = Buffer.byteLength(file.text);
    const shown =
      file.sensitive || (found !== undefined && found.text === undefined)
        ? undefined
        : fileDiff(file.path, found?.text, file.text);
    steps.push({
      id: `file:${file.path}`,
      resource: `file ${file.path}`,
      action: push === undefined ? (found === undefined ? 'create' : 'change') : 'reload',
      cause:
        cause === 'no such file' && file.sensitive
          ? `no such file (sha256 ${sha256(file.text).slice(0, 12)}; holds a secret, not shown)`
          : (cause ?? push ?? ''),
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
      cause: 'the node no longer needs it',
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
  const causes = new Map<NodeDirectory, string>();
  for (const wanted of directories) {
    const cause = directoryCause(wanted, observed);
    if (cause !== undefined) causes.set(wanted, cause);
  }
  const make = [...causes.keys()];
  const isNew = (path: string): boolean =>
    observed.directories[path] === undefined && observed.links[path] === undefined;
  const inside = (path: string): NodeDirectory | undefined =>
    make.find((other) => isNew(other.path) && path.startsWith(`${other.path}/`));
  const steps = make
    .filter(({ path }) => inside(path) === undefined)
    .map((wanted): PlanStep => {
      const more = make.filter(({ path }) => inside(path) === wanted).length;
      return {
        id: `directory:${wanted.path}`,
        resource: `${wanted.target === undefined ? 'directory' : 'link'} ${wanted.path}`,
        action: isNew(wanted.path) ? 'create' : 'change',
        cause: `${causes.get(wanted) ?? ''}${more > 0 ? ` (with ${more} more in it)` : ''}`,
        interrupts: false,
      };
    });
  return { steps, make };
}

function directoryCause(wanted: NodeDirectory, observed: Observed): string | undefined {
  const target = observed.links[wanted.path];
  const found = observed.directories[wanted.path];
  if (wanted.target !== undefined) {
    if (target === wanted.target) return undefined;
    if (found !== undefined) return 'a folder is in its place';
    return target === undefined ? `no such link to ${wanted.target}` : `points to ${target}, not ${wanted.target}`;
  }
  if (target !== undefined) return 'a link is in its place';
  if (found === undefined) return 'no such directory';
  if (found.uid !== wanted.owner.uid || found.gid !== wanted.owner.gid) {
    return `owner ${found.uid}:${found.gid} is not ${wanted.owner.uid}:${wanted.owner.gid}`;
  }
  return found.mode === wanted.mode ? undefined : `mode ${octal(found.mode)} is not ${octal(wanted.mode)}`;
}
