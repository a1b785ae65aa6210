import { randomUUID } from 'node:crypto';
import { neverSwitched } from '../../preload/contract/never-switched.ts';
import type { NodeSpec } from '../../preload/contract/node.ts';
import type { LocalStorage } from '../../preload/contract/cache.ts';
import type { Proof, Route, RuntimeId, RuntimeView, SwitchPreview } from '../../preload/contract/runtime.ts';
import type { Task } from '../../preload/contract/task.ts';
import { fail, ProblemError, problemOf } from '../../preload/contract/problem.ts';
import type { Identities } from '../certificates/identities.ts';
import type { Secret } from '../log/secret.ts';
import type { NodeStore } from '../store/nodes.ts';
import type { JobContext, Tasks } from '../tasks/tasks.ts';
import { type EdgeRequests, prove } from './proof.ts';
import { Rights } from './rights.ts';
import type { MirrorEndpoint, Runtime } from './runtime.ts';
import { previewOf, runSwitch } from './switch.ts';
import type { SwitchRecords } from './switch-records.ts';

export interface EnginesOptions {
  readonly runtimes: readonly Runtime[];
  readonly nodes: NodeStore;
  readonly identities: Identities;
  readonly tasks: Tasks;
  readonly records: SwitchRecords;
  readonly edgeRequests: EdgeRequests;
}

/** The container engines of this computer: gathers what a switch needs to know of nodes and hands it over. */
export class Engines {
  readonly #options: EnginesOptions;

  constructor(options: EnginesOptions) {
    this.#options = options;
  }

  /** How the engines are, or `only` one of them. */
  inspect(only?: RuntimeId): Promise<readonly RuntimeView[]> {
    const asked = only === undefined ? this.#options.runtimes : [this.#runtime(only)];
    return Promise.all(asked.map((runtime) => runtime.inspect()));
  }

  async preview(id: RuntimeId, route: Route): Promise<SwitchPreview> {
    return previewOf(await this.#runtime(id).prepare(route, await this.#endpoints(route)));
  }

  async switch(id: RuntimeId, route: Route, sudoPassword: Secret | undefined): Promise<Task> {
    const runtime = this.#runtime(id);
    const endpoints = await this.#endpoints(route);
    this.#refuseBusy([runtime]);
    const rights = new Rights(sudoPassword);
    try {
      // Before the task: a password that is missing is no failure worth a line in the journal.
      if (await asksForRoot(runtime, route, endpoints)) await rights.open();
      return await this.#run(runtime, route, endpoints, rights);
    } finally {
      await rights.close();
    }
  }

  /**
   * Switches every engine that is found, one after the other, with one helper and so one password for all. Each is a task of its own: one
   * that fails, or that became busy meanwhile, is taken back alone. Engines that can never be switched are left out: their views say why.
   * Throws before anything begins where rights are missing or an engine is busy.
   */
  async switchAll(route: Route, sudoPassword: Secret | undefined): Promise<Task[]> {
    const views = (await this.inspect()).filter(({ state }) => state === 'found');
    const found = this.#options.runtimes.filter(({ id }) =>
      views.some((view) => view.id === id && !neverSwitched(view.problem)),
    );
    if (found.length === 0) failWithoutEngine(views);
    const endpoints = await this.#endpoints(route);
    this.#refuseBusy(found);
    const rights = new Rights(sudoPassword);
    try {
      const asking = await Promise.all(found.map((runtime) => asksForRoot(runtime, route, endpoints)));
      if (asking.includes(true)) await rights.open();
      const tasks: Task[] = [];
      for (const runtime of found) {
        const running = this.#run(runtime, route, endpoints, rights);
        tasks.push(await running.catch((error: unknown) => refused(runtime, route, error)));
      }
      return tasks;
    } finally {
      await rights.close();
    }
  }

  /** Pulls once more through the mirror that an engine follows and looks for it at the edge. Changes nothing but the proof on record. */
  async prove(id: RuntimeId, sudoPassword: Secret | undefined): Promise<Task> {
    const { tasks, records, edgeRequests } = this.#options;
    const runtime = this.#runtime(id);
    const record = records.read(id);
    const [first] = record?.state === 'switched' ? await this.#endpoints(record.route) : [];
    if (record === undefined || first === undefined)
      return fail({
        code: 'nothing-to-prove',
        message: `${runtime.engine} follows no node of yours, so there is nothing to prove.`,
        hint: `Switch it first: mirrorfleet switch ${id} <node>`,
      });
    this.#refuseBusy([runtime]);
    const rights = new Rights(sudoPassword);
    try {
      const root = runtime.provesAsRoot ? await rights.open() : undefined;
      return await tasks.run({ kind: 'prove', subject: id, title: `Test ${runtime.engine}` }, async (task) => {
        const proof = await task.step('proof', `Pull through ${first.node}`, () =>
          prove(runtime, first, edgeRequests, task.signal, root),
        );
        // A switch may have ended while the helper was started: the proof belongs to the one it was asked for.
        const now = records.read(id);
        if (now?.at === record.at) records.write(id, { ...now, proof });
        tell(task, proof);
      });
    } finally {
      await rights.close();
    }
  }

  /** Throws `node-in-use`: a node that an engine still pulls through is never taken away from under it. */
  refuseInUse(node: string): void {
    const { runtimes, records } = this.#options;
    const users = runtimes.map(({ id }) => id).filter((id) => records.read(id)?.route.includes(node));
    if (users.length === 0) return;
    fail({
      code: 'node-in-use',
      message: `${users.join(' and ')} still ${users.length === 1 ? 'pulls' : 'pull'} through ${node}; nothing was removed.`,
      hint: `Switch first: ${users.map((id) => `mirrorfleet switch ${id} direct`).join('; ')}`,
      detail: { node, engines: users.join(', ') },
    });
  }

  /** What an engine keeps on this computer's own disk. */
  storage(id: RuntimeId): Promise<LocalStorage> {
    return this.#runtime(id).storage();
  }

  async #run(runtime: Runtime, route: Route, endpoints: readonly MirrorEndpoint[], rights: Rights): Promise<Task> {
    const { tasks, records, edgeRequests } = this.#options;
    const { id } = runtime;
    const title = titleOf(runtime, route);
    const intent = { kind: 'switch' as const, runtime: id, route, ...(await this.#routeNow(runtime)) };
    return tasks.run({ kind: 'switch', subject: id, title, intent }, async (task) => {
      const openHelper = () => rights.open();
      const proof = await runSwitch({ runtime, route, endpoints, task, records, openHelper, edgeRequests });
      if (proof) tell(task, proof);
    });
  }

  #refuseBusy(runtimes: readonly Runtime[]): void {
    const other = this.#options.tasks.running.find(({ subject }) => runtimes.some(({ id }) => id === subject));
    if (other)
      fail({
        code: 'task-running',
        message: `"${other.title}" is still running for ${other.subject}; nothing was started.`,
        hint: 'Wait for it to end or cancel it, then try again.',
        retryable: true,
      });
  }

  /** The route an engine follows before a switch, for taking that back; nothing where its mirrors are not ours. */
  async #routeNow(runtime: Runtime): Promise<{ before?: Route }> {
    const { state, route } = this.#options.records.read(runtime.id) ?? {};
    if (state === 'switching') return {};
    const before = route ?? (await runtime.inspect()).route;
    return before === undefined ? {} : { before };
  }

  #runtime(id: RuntimeId): Runtime {
    const found = this.#options.runtimes.find((runtime) => runtime.id === id);
    if (!found) throw new Error(`no runtime ${id}`);
    return found;
  }

  async #endpoints(route: Route): Promise<MirrorEndpoint[]> {
    const { nodes, identities } = this.#options;
    if (route.length === 0) return [];
    const specs = route.map((name) => specOfApplied(nodes, name));
    const { ca, certificate, key } = await identities.identity();
    return specs.map((spec) => ({
      node: spec.name,
      // Docker looks for certificates under the name as it is written: without a port for 443, so that `tokyo/ghcr.io/app` finds them too.
      authority: spec.port === 443 ? spec.address : `${spec.address}:${spec.port}`,
      upstreams: spec.upstreams,
      ca,
      clientCertificate: certificate,
      clientKey: key,
    }));
  }
}

/** Why nothing at all can be switched. A containerd that only serves Docker, as Docker's own packages configure it, is no reason. */
function failWithoutEngine(views: readonly RuntimeView[]): never {
  const reason = views.map(({ problem }) => problem).find((each) => each && each.code !== 'containerd-cri-disabled');
  return fail(
    reason ?? {
      code: 'no-engine-found',
      message: 'No container engine that runs was found on this computer. Nothing was changed.',
      hint: 'Start Docker, containerd or Podman, then try again.',
    },
  );
}

function titleOf({ id }: Runtime, route: Route): string {
  return `Switch ${id} to ${route.length === 0 ? 'direct' : route.join(', ')}`;
}

/** A switch that was not even begun, as the task it would have been: what was done before it is told all the same. */
function refused(runtime: Runtime, route: Route, error: unknown): Task {
  const problem = problemOf(error);
  // A fault of ours is no refusal.
  if (problem.code === 'internal-error') throw error;
  const now = Date.now();
  const title = titleOf(runtime, route);
  const task = { id: randomUUID(), kind: 'switch' as const, subject: runtime.id, title, steps: [] };
  return { ...task, state: 'failed', startedAt: now, endedAt: now, problem };
}

/** Whether a switch would write as root. What cannot be prepared asks for nothing: its task will say why. */
async function asksForRoot(runtime: Runtime, route: Route, endpoints: readonly MirrorEndpoint[]): Promise<boolean> {
  try {
    const { nothingToDo, writer } = await runtime.prepare(route, endpoints);
    return !nothingToDo && writer === 'root';
  } catch (error) {
    if (error instanceof ProblemError) return false;
    throw error;
  }
}

function tell(task: JobContext, proof: Proof): void {
  const { requestId, node, image } = proof;
  task.outcome('proof', { code: 'proof-request', values: { requestId, node, image } });
  task.outcome('requests', proof.requests);
}

function specOfApplied(nodes: NodeStore, name: string): NodeSpec {
  const { spec, appliedAt } = nodes.get(name);
  if (appliedAt !== undefined) return spec;
  return fail({
    code: 'node-not-applied',
    message: `${name} was added but never applied, so nothing can be pulled through it. Nothing was changed.`,
    hint: `Make it serve first: mirrorfleet node apply ${name}`,
  });
}
