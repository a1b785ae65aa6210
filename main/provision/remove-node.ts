import { randomUUID } from 'node:crypto';
import type { NodeSpec } from '../../preload/contract/node.ts';
import { fail, problemOf } from '../../preload/contract/problem.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import { shownName } from '../fleet/control-characters.ts';
import { type NodeLayout, isKeptBeside, nodeLayout, pinsPath } from '../fleet/node-layout.ts';
import type { Host } from '../hosts/host.ts';
import type { Log } from '../log/log.ts';
import { Secret } from '../log/secret.ts';
import type { JobContext } from '../tasks/tasks.ts';
import { removeImagesScript } from './brought-scripts.ts';
import { compose } from './compose.ts';
import { pullsOf } from './host-of-run.ts';
import { type Holder, takeLock } from './node-lock.ts';
import { observeNode } from './observe-node.ts';
import type { Observed } from './observed.ts';
import { removeContainersScript, removeScript } from './remote-scripts.ts';
import { renderNodeFiles } from './render/render-node-files.ts';

export interface RemoveRequest {
  readonly host: Host;
  readonly spec: NodeSpec;
  readonly keepCache: boolean;
  /** Takes off what prunes the node by the clock; what starts it lies outside of the node's folder. */
  readonly takeOffSchedule: () => Promise<void>;
  readonly holder: Holder;
  readonly breakLock?: boolean;
  readonly log: Log;
  readonly now?: () => Date;
}

/** Files of ours beside the rendered ones. */
const ownFiles = ['state.json', '.brought'];

/**
 * The order in which files go: those last by which the rest is known as a node's. A removal that breaks off in the middle then leaves
 * nothing that the next removal or apply takes for a stranger's. Pure.
 */
export function removalOrder(paths: Iterable<string>): string[] {
  const last = ['compose.yaml', 'state.json'];
  return [...new Set(paths)].toSorted((a, b) => last.indexOf(a) - last.indexOf(b));
}

/** The paths of a node's files. They depend on its upstreams only, so nothing real is rendered for them. */
function nodeFilePaths(spec: NodeSpec): string[] {
  const nothing = {
    images: { registry: '', envoy: '' },
    server: { chain: '', key: new Secret('') },
    clientCa: '',
    crl: '',
    metricsToken: new Secret(''),
  };
  return renderNodeFiles({ spec, layout: nodeLayout(spec), ...nothing }).map((file) => file.path);
}

/** What lies in the node's folder and is not ours. Folders matter only by what is in them. Pure. */
export function foreignFiles(observed: Observed, files: readonly string[]): string[] {
  const ours = new Set([...ownFiles, ...files, ...Object.keys(observed.state?.files ?? {})]);
  const found = [...Object.keys(observed.files), ...observed.odd];
  return found.filter((path) => !ours.has(path) && !isKeptBeside(path)).toSorted();
}

/**
 * Removes a node: its schedule, containers, network, files, the images we brought, and its cache unless that is to be kept (then `data/` and the
 * pins stay, nothing else). Never touches what is not ours: with a stranger's file in the folder nothing is removed at all. Installed packages stay.
 * Problems: `foreign-files`, `node-locked`, `compose-failed`, `remove-incomplete`.
 */
export async function removeNode(job: JobContext, request: RemoveRequest): Promise<void> {
  const { host, spec, keepCache } = request;
  const layout = nodeLayout(spec);
  const observed = await job.step('observe', 'Look at the server', () => observeNode(host, spec));
  const schedule = () => job.step('schedule-off', 'Take the schedule off', request.takeOffSchedule);
  if (observed.base !== 'present' && observed.containers.length === 0) {
    // Whoever deleted the folder by hand left its timer.
    await schedule();
    return;
  }
  const foreign = foreignFiles(observed, nodeFilePaths(spec));
  if (foreign.length > 0) {
    fail({
      code: 'foreign-files',
      message: `${layout.base} on ${host.name} holds files that are not Mirrorfleet's (${foreign.slice(0, 5).join(', ')}${foreign.length > 5 ? ` and ${foreign.length - 5} more` : ''}); nothing was removed.`,
      hint: 'Move them elsewhere, then remove the node again.',
      detail: { files: foreign.slice(0, 100).join('\n') },
    });
  }
  const { holder } = request;
  const lock = await job.step('lock', 'Take the lock', () =>
    takeLock(host, layout.base, {
      holder,
      why: `removal of ${spec.name}`,
      run: randomUUID(),
      now: request.now?.() ?? new Date(),
      breakLock: request.breakLock ?? false,
    }),
  );
  try {
    await schedule();
    if (observed.docker === 'running') {
      await job.step('take-down', 'Stop and remove the containers', () => removeContainers(lock.host, spec, observed));
      await job.step('brought-images', 'Remove the images that were brought', async (report) => {
        report.note(await removeImages(lock.host, layout));
      });
    }
    const staying = keepCache ? [pinsPath] : [];
    const paths = [
      ...ownFiles,
      ...(keepCache ? [] : [pinsPath]),
      ...nodeFilePaths(spec),
      ...Object.keys(observed.state?.files ?? {}),
    ];
    await job.step(
      keepCache ? 'delete-files' : 'delete-all',
      keepCache ? 'Remove the files, keep the cache' : 'Remove the files',
      () => removeFiles(lock.host, spec, keepCache ? 'keep' : 'drop', paths, staying),
    );
    job.outcome('removed', true);
  } finally {
    await lock.release().catch((error: unknown) => {
      request.log.warn('lock not released', { node: spec.name, problem: problemOf(error).code });
    });
  }
}

/**
 * Removes these files of a node, its folder, and its cache where that is to `drop`. Problem
 * `remove-incomplete` names what is left, but for what is `staying`.
 */
export async function removeFiles(
  host: Host,
  spec: Pick<NodeSpec, 'base'>,
  cache: 'keep' | 'drop',
  paths: readonly string[],
  staying: readonly string[] = [],
): Promise<void> {
  const layout = nodeLayout(spec);
  const result = await host.run({
    argv: ['sh', '-c', removeScript, 'sh', layout.base, cache, ...removalOrder(paths)],
    elevated: true,
    timeoutMs: 600_000,
  });
  const left = result.stdout
    .split('\n')
    .flatMap((line) => (line.startsWith('left\t') ? [shownName(line.slice(5).replace(/^\.\//, ''))] : []))
    .filter((path) => !staying.includes(path));
  if (result.code === 0 && left.length === 0) return;
  fail({
    code: 'remove-incomplete',
    message: `The node on ${host.name} is stopped, but not all of ${layout.base} could be removed${left.length > 0 ? ` (${left.join(', ')} is left)` : ''}.`,
    hint: 'Look there at what is left; a mounted volume or a file made by hand is the usual reason.',
    detail: { output: result.stderr.slice(-2000) || '(nothing)' },
  });
}

/** Takes down all containers and networks of a node's Compose project. Problem `compose-failed`. */
export async function removeContainers(
  host: Host,
  spec: NodeSpec,
  observed: Pick<Observed, 'files' | 'compose'>,
): Promise<void> {
  const layout = nodeLayout(spec);
  if (observed.files['compose.yaml'] !== undefined && observed.compose !== 'absent') {
    await compose(host, observed.compose, layout, ['down', '--remove-orphans', '-t', '10']);
  }
  // What a project without its file (or without Compose) left; the label says whose it is.
  const result = await host.run({
    argv: ['sh', '-c', removeContainersScript, 'sh', layout.project],
    elevated: true,
    timeoutMs: 120_000,
  });
  if (result.code === 0) return;
  fail({
    code: 'compose-failed',
    message: `The containers of ${spec.name} could not be removed; its files are still there.`,
    hint: 'The detail holds what Docker said. Remove the node again when that is cured.',
    retryable: true,
    detail: { output: result.stderr.slice(-2000) },
  });
}

/**
 * Removes the images we brought by every name they have, and with them what a pull would still bring; one that another container uses
 * stays, and the note says so.
 */
async function removeImages(host: Host, layout: NodeLayout): Promise<Saying> {
  const argv = ['sh', '-c', removeImagesScript, 'sh', layout.base, pullsOf(layout)];
  const result = await host.run({ argv, elevated: true, timeoutMs: 120_000 });
  const lines = result.stdout.split('\n');
  const kept = lines.filter((line) => line === 'kept').length;
  const removed = lines.filter((line) => line === 'removed').length;
  if (kept + removed === 0) return { code: 'none-found' };
  return kept === 0
    ? { code: 'images-removed', values: { removed } }
    : { code: 'images-removed-some-kept', values: { removed, kept } };
}
