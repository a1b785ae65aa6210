import type { NodeDetail, NodeSpec, Plan, Preflight } from '../../preload/contract/node.ts';
import type { Task } from '../../preload/contract/task.ts';
import type { Identities } from '../certificates/identities.ts';
import type { Connections } from '../hosts/connections.ts';
import type { Host } from '../hosts/host.ts';
import type { Log } from '../log/log.ts';
import type { NodeStore } from '../store/nodes.ts';
import type { SettingsStore } from '../store/settings.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { type AppliedImages, type ApplyRequest, applyNode, planFor } from './apply-node.ts';
import { edgeHostNames } from '../fleet/edge-names.ts';
import { nodeLayout } from '../fleet/node-layout.ts';
import { imageIdentities } from './image-identity.ts';
import type { Holder } from './node-lock.ts';
import { preflight } from './preflight.ts';
import { shellOf } from './shell-of.ts';
import { removeNode } from './remove-node.ts';
import { renderDirectories, renderNodeFiles } from './render/render-node-files.ts';
import { verifyNode } from './verify-node.ts';

export interface ProvisionerOptions {
  readonly nodes: NodeStore;
  readonly settings: SettingsStore;
  readonly identities: Identities;
  readonly connections: Connections;
  readonly tasks: Tasks;
  readonly takeOffSchedule: (host: Host, spec: NodeSpec) => Promise<void>;
  readonly appVersion: string;
  readonly holder: Holder;
  readonly log: Log;
}

/** The nodes at work: what each needs is gathered here and handed to the pure and the thin parts beside it. */
export class Provisioner {
  readonly #options: ProvisionerOptions;

  constructor(options: ProvisionerOptions) {
    this.#options = options;
  }

  /** A node as it is remembered: nobody is asked. */
  show(name: string): NodeDetail {
    const { spec, appliedAt, images = {} } = this.#options.nodes.get(name);
    const shell = shellOf(spec.target);
    return {
      spec,
      ...(appliedAt !== undefined && { appliedAt }),
      shell,
      images,
      access: this.#options.identities.holders(),
    };
  }

  async preflight(name: string): Promise<Preflight> {
    const { nodes, connections } = this.#options;
    const { spec } = nodes.get(name);
    return preflight(await connections.host(name), spec);
  }

  /** The plan. Where nothing is left to do, that the node was applied is remembered: a core that died at the end of an apply did not come to it. */
  async plan(name: string, installEngine: boolean): Promise<Plan> {
    const { plan, observed, standings } = await planFor(await this.#request(name, installEngine));
    const { nodes } = this.#options;
    const record = nodes.get(name);
    const appliedAt = Date.parse(observed.state?.at ?? '');
    if (plan.plan.steps.length === 0 && record.appliedAt === undefined && !Number.isNaN(appliedAt)) {
      nodes.put({ ...record, appliedAt, images: imageIdentities(standings) });
    }
    return plan.plan;
  }

  /** Applies the plan with that hash as a task; remembers that the node was applied. */
  async apply(
    name: string,
    hash: string,
    { installEngine, breakLock }: { installEngine: boolean; breakLock: boolean },
  ): Promise<Task> {
    const { nodes, tasks } = this.#options;
    const request = await this.#request(name, installEngine);
    let images: AppliedImages | undefined;
    const task = await tasks.run(
      {
        kind: 'node-apply',
        subject: name,
        title: `Apply ${name}`,
        intent: { kind: 'node-apply', node: name, installEngine },
      },
      async (job) => {
        images = await applyNode(job, { ...request, hash, breakLock });
      },
    );
    if (task.state === 'done') nodes.put({ ...nodes.get(name), appliedAt: Date.now(), ...(images && { images }) });
    return task;
  }

  /**
   * Removes the node from its server and, when that is done (or `forget` says that the server is gone), from memory. With `remember` it
   * is then as it was before its first apply.
   */
  async remove(
    name: string,
    {
      keepCache,
      forget,
      breakLock,
      remember = false,
    }: { keepCache: boolean; forget: boolean; breakLock: boolean; remember?: boolean },
  ): Promise<Task> {
    const { nodes, tasks, identities, connections, takeOffSchedule } = this.#options;
    const { spec } = nodes.get(name);
    const task = await tasks.run(
      {
        kind: 'node-remove',
        subject: name,
        title: `Remove ${name}`,
        intent: { kind: 'node-remove', node: name, keepCache, forget, ...(remember && { remember }) },
      },
      async (job) => {
        if (forget) job.skip('server', 'Leave the server as it is', { code: 'only-forgotten' });
        else {
          const host = await connections.host(name);
          await removeNode(job, {
            host,
            spec,
            keepCache,
            takeOffSchedule: () => takeOffSchedule(host, spec),
            breakLock,
            holder: this.#options.holder,
            log: this.#options.log,
          });
        }
      },
    );
    if (task.state !== 'done') return task;
    if (remember) {
      const { appliedAt: _at, images: _images, ...added } = nodes.get(name);
      nodes.put(added);
      return task;
    }
    identities.forgetServer(name);
    nodes.remove(name);
    await connections.drop(name);
    return task;
  }

  async #request(name: string, installEngine: boolean): Promise<ApplyRequest> {
    const { nodes, settings, identities, connections, appVersion, holder, log } = this.#options;
    const { spec } = nodes.get(name);
    const server = await identities.server(name, edgeHostNames(spec.address, spec.upstreams));
    const identity = await identities.identity();
    const crl = await identities.revocationList();
    const metricsToken = await identities.metricsToken(name);
    const layout = nodeLayout(spec);
    return {
      host: await connections.host(name),
      spec,
      images: settings.get().images,
      render: (images) => {
        const { chain, key } = server;
        const input = { spec, layout, images, server: { chain, key }, clientCa: identity.ca, crl, metricsToken };
        return { files: renderNodeFiles(input), directories: renderDirectories(input) };
      },
      verify: (expected, signal) => verifyNode({ spec, identity, expected, signal }),
      metricsToken,
      holder,
      appVersion,
      installEngine,
      log,
    };
  }
}
