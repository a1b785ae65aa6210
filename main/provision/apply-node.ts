import { randomUUID } from 'node:crypto';
import type { NodeSpec } from '../../preload/contract/node.ts';
import { ProblemError, fail, problemOf } from '../../preload/contract/problem.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import { type NodeLayout, edgeService, nodeLayout } from '../fleet/node-layout.ts';
import type { Host } from '../hosts/host.ts';
import type { Log } from '../log/log.ts';
import type { Secret } from '../log/secret.ts';
import type { JobContext } from '../tasks/tasks.ts';
import { bringImage } from './bring-images.ts';
import { compose, containerIds } from './compose.ts';
import { type RenderNode, announcedVersion, sha256 } from './desired.ts';
import {
  type ImageName,
  type ImageStandings,
  type NodeImages,
  imageIdentities,
  imageStandings,
} from './image-identity.ts';
import type { MetricsPort } from './edge-stats.ts';
import { hostOfRun, pullsOf } from './host-of-run.ts';
import { installEngine } from './install-engine.ts';
import { type Holder, takeLock } from './node-lock.ts';
import { type NodeState, printNodeState } from './node-state.ts';
import { observeNode } from './observe-node.ts';
import type { Observed } from './observed.ts';
import { changesOf, leavesNothingBehind } from './plan-changes.ts';
import { type NodePlan, planNode } from './plan-node.ts';
import { awaitMirrors, awaitVersions, edgeRefused, pushToEdge, serviceLog } from './push-edge.ts';
import type { NodeFile } from './render/node-files.ts';
import { undoApply } from './undo-apply.ts';
import type { Verification } from './verify-node.ts';
import { makeDirectories, restoreFiles, writeFiles } from './write-files.ts';

/** All that an apply is given; nothing of it is looked up elsewhere. */
export interface ApplyRequest {
  readonly host: Host;
  readonly spec: NodeSpec;
  readonly images: NodeImages;
  readonly render: RenderNode;
  /** Tries the node from this computer; throws a ProblemError when it does not serve. `routes` is the version its edge must name. */
  readonly verify: (expected: { routes: string | undefined }, signal: AbortSignal) => Promise<Verification>;
  /** What the edge's metrics port is asked with; the rendered files hold it too. */
  readonly metricsToken: Secret;
  readonly holder: Holder;
  readonly appVersion: string;
  /** The plan the person saw. Undefined applies whatever is found. */
  readonly hash?: string;
  readonly installEngine: boolean;
  readonly breakLock?: boolean;
  readonly log: Log;
  readonly now?: () => Date;
}

/** The images a node runs after an apply, by the exact names its Compose file gives them. */
export type AppliedImages = Readonly<Record<ImageName, string>>;

/** Observes and plans in one go; what `node plan` prints and what an apply begins with. */
export async function planFor(
  request: Pick<ApplyRequest, 'host' | 'spec' | 'images' | 'render' | 'installEngine' | 'metricsToken'>,
): Promise<{ observed: Observed; standings: ImageStandings; plan: NodePlan }> {
  const observed = await observeNode(request.host, request.spec, request.images, request.metricsToken);
  return { observed, ...planObserved(request, observed) };
}

function planObserved(
  request: Pick<ApplyRequest, 'spec' | 'images' | 'render' | 'installEngine'>,
  observed: Observed,
  known?: ImageStandings,
): { standings: ImageStandings; plan: NodePlan } {
  const standings = known ?? imageStandings(request.images, observed);
  const desired = request.render(imageIdentities(standings));
  const { spec, installEngine: install } = request;
  return { standings, plan: planNode({ spec, desired, standings, observed, installEngine: install }) };
}

/**
 * Makes a node what its spec says. A node that is so already costs the one look. Otherwise: lock, look again, engine, folders, images,
 * files, containers, edge, verification, state. Cancelling stops between steps and leaves what the next apply finishes; any other failure
 * after files began to change, or on a new node after its folders were made, is undone, and its Problem says so; but for that of the last
 * step, after which all serves. Answers with the images that run. Problems: `plan-outdated`, `node-locked`, those of each step.
 */
export async function applyNode(job: JobContext, request: ApplyRequest): Promise<AppliedImages> {
  const { host, spec } = request;
  const layout = nodeLayout(spec);
  const first = await job.step('observe', 'Look at the server', () => planFor(request));
  expectPlan(request, first.plan);
  job.outcome('steps', first.plan.plan.steps.length);
  const take = () =>
    takeLock(host, layout.base, {
      holder: request.holder,
      why: `apply of ${spec.name}`,
      run: randomUUID(),
      now: request.now?.() ?? new Date(),
      breakLock: request.breakLock ?? false,
    });
  if (first.plan.plan.steps.length === 0) {
    job.outcome('roundTrips', first.observed.roundTrips);
    // Of a run that died when all was done; it would keep others away for minutes.
    if (first.observed.lock?.installation === request.holder.installation) await (await take()).release();
    return imageIdentities(first.standings);
  }
  const lock = await job.step('lock', 'Take the lock', take);
  try {
    return await applyLocked(job, { ...request, host: lock.host }, host, layout, first.plan, first.observed);
  } finally {
    // A connection that is gone cannot give the lock back; it is taken over by the next apply of this installation.
    await lock.release().catch((error: unknown) => {
      request.log.warn('lock not released', { node: spec.name, problem: problemOf(error).code });
    });
  }
}

function expectPlan(request: ApplyRequest, plan: NodePlan): void {
  if (request.hash === undefined || request.hash === plan.plan.hash) return;
  fail({
    code: 'plan-outdated',
    message: `${request.spec.name} changed since its plan was made; nothing was changed.`,
    hint: 'Look at the new plan, then apply that.',
    retryable: true,
  });
}

async function applyLocked(
  job: JobContext,
  request: ApplyRequest,
  /** The machine for what goes on to its end there whatever becomes of this run: a package manager or a pull is not to be broken off. */
  machine: Host,
  layout: NodeLayout,
  agreed: NodePlan,
  /** The server as it was before the lock was taken, which makes the node's folder. */
  before: Observed,
): Promise<AppliedImages> {
  const { host } = request;
  let { observed, standings, plan } = await planFor(request);
  if (plan.plan.hash !== agreed.plan.hash) expectPlan({ ...request, hash: '' }, plan);
  job.changes(changesOf(layout.base, plan.plan.steps));
  if (leavesNothingBehind(plan, before)) job.outcome('fresh', true);
  if (plan.install) {
    await job.step('engine', 'Install Docker and Compose', async (report) => {
      report.note({ code: 'docker-version', values: { version: await installEngine(machine, report, job.signal) } });
    });
    ({ observed, standings, plan } = await planFor({ ...request, installEngine: false }));
  }
  const undone = async (error: unknown): Promise<unknown> =>
    job.signal.aborted || !(error instanceof ProblemError)
      ? error
      : undoApply(job, { ...request, layout, plan, observed }, error.problem);
  try {
    if (plan.make.length > 0) {
      await job.step('directories', 'Make folders', () => makeDirectories(host, layout.base, plan.make));
    }
    for (const name of plan.bring) {
      const source = request.images[name];
      const record = await job.step(`image:${name}`, `Bring the image ${source.reference}`, (report) =>
        bringImage(hostOfRun(machine, pullsOf(layout)), layout.base, name, source, report, job.signal),
      );
      standings = { ...standings, [name]: { kind: 'present', record } };
    }
  } catch (error) {
    // A node that was there has got no more than folders until now, which the next apply uses.
    throw plan.fresh ? await undone(error) : error;
  }
  if (plan.bring.length > 0) {
    ({ standings, plan } = planObserved({ ...request, installEngine: false }, observed, standings));
  }
  try {
    await changeNode(job, request, layout, plan, observed, standings);
  } catch (error) {
    throw await undone(error);
  }
  await job.step('state', 'Remember what was done', () => remember(request, layout, plan, standings));
  return imageIdentities(standings);
}

/** The steps that change what serves: files, containers, edge; then the proof. */
async function changeNode(
  job: JobContext,
  request: ApplyRequest,
  layout: NodeLayout,
  plan: NodePlan,
  observed: Observed,
  standings: ImageStandings,
): Promise<void> {
  const { host } = request;
  const { files, services } = plan;
  const metrics = { port: layout.metricsPort, token: request.metricsToken };
  const desired = request.render(imageIdentities(standings));
  const edge = observed.containers.find((each) => each.service === edgeService);
  const edgeStays = edge?.state === 'running' && !services.restart.includes(edgeService);
  const watched = (file: NodeFile): boolean => file.role === 'xds' || file.role === 'sds';
  const pushed = edgeStays ? files.write.filter(watched) : [];
  const batch = edgeStays ? files.write.filter((file) => !watched(file)) : files.write;
  if (files.write.length > 0 || files.remove.length > 0) {
    await job.step('files', `Write ${batch.length} files`, () => writeFiles(host, layout.base, batch, 'fresh'));
  }
  if (services.up) {
    await job.step('services', 'Start what changed', (report) =>
      startServices(host, layout, observed, plan, (saying) => report.note(saying)),
    );
  }
  if (pushed.length > 0) {
    const place = { base: layout.base, project: layout.project, metrics, edgeService };
    const removing = services.orphans.length > 0 && !services.steps.some((step) => step.action === 'start');
    await job.step('edge', `Hand ${pushed.length} files to the edge`, () =>
      pushToEdge(host, place, pushed, (path) => observed.files[path] !== undefined, removing),
    );
  } else if (!edgeStays) {
    await job.step('edge', 'Wait for the edge', () =>
      awaitEdge(job, host, layout, metrics, desired.files.filter(watched)),
    );
  }
  if (services.up) {
    await job.step('mirrors', 'Wait for the mirrors', () =>
      awaitMirrors(host, { project: layout.project, metrics }, request.spec.upstreams, job.signal),
    );
  }
  if (services.orphans.length > 0 || files.remove.length > 0) {
    await job.step('leftovers', 'Remove what is no longer wanted', async () => {
      if (services.orphans.length > 0) await compose(host, observed.compose, layout, ['up', '-d', '--remove-orphans']);
      await restoreFiles(
        host,
        layout.base,
        files.remove.map((path) => ({ path, verb: 'retire' })),
      );
    });
  }
  const routes = desired.files.find((file) => file.path === 'envoy/xds/rds.yaml');
  const verification = await job.step('verify', 'Try the node from here', async (report) => {
    const result = await request.verify(
      { routes: routes === undefined ? undefined : announcedVersion(routes.text) },
      job.signal,
    );
    report.note(result.summary);
    return result;
  });
  for (const warning of verification.warnings) job.warn(warning);
}

/**
 * Writes the state, which nothing takes back: what it tells of has been tried and serves. Where the server is lost meanwhile it may be written or
 * not, and files that came back beside a state that does not know them would be a stranger's for ever.
 */
async function remember(
  request: ApplyRequest,
  layout: NodeLayout,
  plan: NodePlan,
  standings: ImageStandings,
): Promise<void> {
  const { files } = request.render(imageIdentities(standings));
  try {
    await writeFiles(request.host, layout.base, [stateFile(request, standings, files, plan.services.hashes)], 'only');
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const served =
      'What was planned runs and was tried; only the note of it may be missing, which the next apply writes.';
    throw new ProblemError({ ...error.problem, message: `${error.problem.message} ${served}` }, { cause: error });
  }
}

/** `up -d` leaves alone what did not change; what reads a changed file only at its start is restarted unless Compose renewed it anyway. */
async function startServices(
  host: Host,
  layout: NodeLayout,
  observed: Observed,
  { services }: NodePlan,
  note: (saying: Saying) => void,
): Promise<void> {
  const edge = observed.containers.find((each) => each.service === edgeService);
  if (edge?.state !== 'running') {
    // Mirrors first: an edge that starts before they listen counts them as down until its next health check, 5 s later.
    const mirrors = Object.keys(services.hashes).filter((service) => service !== edgeService);
    await compose(host, observed.compose, layout, ['up', '-d', ...mirrors]);
  }
  await compose(host, observed.compose, layout, ['up', '-d']);
  if (services.restart.length === 0) return;
  const now = await containerIds(host, layout);
  const same = services.restart.filter((service) => {
    const before = observed.containers.find((each) => each.service === service);
    return before !== undefined && now.get(service) === before.id;
  });
  if (same.length === 0) return;
  note({ code: 'restarting', values: { services: same.join(', ') } });
  await compose(host, observed.compose, layout, ['restart', '-t', '40', ...same]);
}

/** A started edge must run every file it was given. */
async function awaitEdge(
  job: JobContext,
  host: Host,
  layout: NodeLayout,
  metrics: MetricsPort,
  files: readonly NodeFile[],
): Promise<void> {
  const missing = await awaitVersions(host, metrics, files, { starting: true, signal: job.signal });
  if (missing.length === 0) return;
  throw new ProblemError(edgeRefused(host, missing, false, await serviceLog(host, layout.project, edgeService)));
}

function stateFile(
  request: ApplyRequest,
  standings: ImageStandings,
  files: readonly NodeFile[],
  services: Readonly<Record<string, string>>,
): { path: string; text: string; mode: number; owner: { uid: number; gid: number } } {
  if (standings.registry.kind !== 'present' || standings.envoy.kind !== 'present') {
    throw new Error('A node without its images cannot have been applied');
  }
  const state: NodeState = {
    format: 1,
    app: request.appVersion,
    by: request.holder.who,
    at: (request.now?.() ?? new Date()).toISOString(),
    spec: request.spec,
    images: { registry: standings.registry.record, envoy: standings.envoy.record },
    files: Object.fromEntries(files.map((file) => [file.path, sha256(file.text)])),
    services: { ...services },
  };
  return { path: 'state.json', text: printNodeState(state), mode: 0o644, owner: { uid: 0, gid: 0 } };
}
