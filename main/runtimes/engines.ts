import type { NodeSpec } from '../../preload/contract/node.ts';
import type { Route, RuntimeId, RuntimeView, SwitchPreview } from '../../preload/contract/runtime.ts';
import type { Task } from '../../preload/contract/task.ts';
import { fail } from '../../preload/contract/problem.ts';
import type { Identities } from '../certificates/identities.ts';
import type { Secret } from '../log/secret.ts';
import type { NodeStore } from '../store/nodes.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { startHelper } from './elevation.ts';
import type { EdgeRequests } from './proof.ts';
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

  inspect(): Promise<readonly RuntimeView[]> {
    return Promise.all(this.#options.runtimes.map((runtime) => runtime.inspect()));
  }

  async preview(id: RuntimeId, route: Route): Promise<SwitchPreview> {
    return previewOf(await this.#runtime(id).prepare(route, await this.#endpoints(route)));
  }

  async switch(id: RuntimeId, route: Route, sudoPassword: Secret | undefined): Promise<Task> {
    const { tasks, records, edgeRequests } = this.#options;
    const runtime = this.#runtime(id);
    const endpoints = await this.#endpoints(route);
    const title = `Switch ${id} to ${route.length === 0 ? 'direct' : route.join(', ')}`;
    const intent = { kind: 'switch' as const, runtime: id, route, ...(await this.#routeNow(runtime)) };
    return tasks.run({ kind: 'switch', subject: id, title, intent }, async (task) => {
      const openHelper = () => startHelper(sudoPassword);
      const proof = await runSwitch({ runtime, route, endpoints, task, records, openHelper, edgeRequests });
      if (!proof) return;
      task.outcome('proof', `request ${proof.requestId} at ${proof.node} for ${proof.image}`);
      task.outcome('requests', proof.requests);
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

function specOfApplied(nodes: NodeStore, name: string): NodeSpec {
  const { spec, appliedAt } = nodes.get(name);
  if (appliedAt !== undefined) return spec;
  return fail({
    code: 'node-not-applied',
    message: `${name} was added but never applied, so nothing can be pulled through it. Nothing was changed.`,
    hint: `Make it serve first: mirrorfleet node apply ${name}`,
  });
}
