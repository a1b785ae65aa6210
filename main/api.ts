import type { CacheList, LocalStorage, PrunePolicy, PrunePreview } from '../preload/contract/cache.ts';
import type { NodeSecrets } from '../preload/contract/contract.ts';
import type { KeepSettings, Settings, WatchSettings } from '../preload/contract/settings.ts';
import type { Change, Snapshot } from '../preload/contract/live.ts';
import type { ImageSource, NodeRequest, Plan, Preflight } from '../preload/contract/node.ts';
import type { Route, RuntimeId, SwitchPreview } from '../preload/contract/runtime.ts';
import type { Task } from '../preload/contract/task.ts';
import type { Caches } from './cache/caches.ts';
import { listCache, previewPrune, runPrune } from './cache/node-cache.ts';
import type { Connections } from './hosts/connections.ts';
import type { LiveState } from './live-state.ts';
import type { Log } from './log/log.ts';
import { Secret } from './log/secret.ts';
import type { Monitor } from './monitor/monitor.ts';
import type { Enrolment } from './provision/enrolment.ts';
import type { Provisioner } from './provision/provisioner.ts';
import type { Engines } from './runtimes/engines.ts';
import type { History } from './store/history.ts';
import type { NodeStore } from './store/nodes.ts';
import type { SettingsStore } from './store/settings.ts';
import type { VaultAccess } from './store/vault-access.ts';
import type { Tasks } from './tasks/tasks.ts';

/** The settings' seconds as the monitor's milliseconds. */
export function paceOf(watch: WatchSettings): { intervalMs: number; upstreamIntervalMs: number } {
  return { intervalMs: watch.everySeconds * 1000, upstreamIntervalMs: watch.upstreamEverySeconds * 1000 };
}

/** Every service of the core, built by `app.ts`. */
export interface Services {
  readonly live: LiveState;
  readonly tasks: Tasks;
  readonly nodes: NodeStore;
  readonly settings: SettingsStore;
  readonly vault: VaultAccess;
  readonly connections: Connections;
  readonly enrolment: Enrolment;
  readonly provisioner: Provisioner;
  readonly monitor: Monitor;
  readonly history: History;
  readonly engines: Engines;
  readonly caches: Caches;
  readonly log: Log;
}

/** The contract as the core implements it: each method hands over to one service. All throw a ProblemError for what can be expected. */
export class Api {
  readonly #to: Services;

  constructor(services: Services) {
    this.#to = services;
  }

  snapshot(): Snapshot {
    return this.#to.live.snapshot;
  }

  subscribe(listener: (change: Change) => void): () => void {
    return this.#to.live.subscribe(listener);
  }

  /** Looks at every engine of this computer in the background: a door that opens later finds them in the snapshot. */
  lookAround(): void {
    this.#meanwhile(this.#lookAtEngines());
  }

  /** Asks every node and looks at every engine now. */
  async refresh(): Promise<Snapshot> {
    const { monitor, nodes, vault } = this.#to;
    // Asking a node takes this computer's key out of the vault: a locked one is said here, once, instead of at every node.
    if (nodes.list().some((node) => node.appliedAt !== undefined)) vault.open();
    monitor.start();
    await Promise.all([this.#to.monitor.refresh(), this.#lookAtEngines()]);
    return this.#to.live.snapshot;
  }

  /** Remembers the node and answers with its preflight; a server that cannot be reached or trusted is not remembered. */
  async addNode(request: NodeRequest, acceptHostKey: string | undefined, secrets: NodeSecrets): Promise<Preflight> {
    await this.#to.enrolment.add(request, acceptHostKey, secrets);
    this.#to.monitor.sync();
    return this.#to.provisioner.preflight(request.name);
  }

  async unlockNode(name: string, secrets: NodeSecrets): Promise<void> {
    await this.#to.enrolment.unlock(name, secrets);
    this.#meanwhile(this.#to.monitor.refresh(name));
  }

  preflight(name: string): Promise<Preflight> {
    return this.#to.provisioner.preflight(name);
  }

  plan(name: string, installEngine: boolean): Promise<Plan> {
    return this.#to.provisioner.plan(name, installEngine);
  }

  async apply(name: string, hash: string, options: { installEngine: boolean; breakLock: boolean }): Promise<Task> {
    const task = await this.#to.provisioner.apply(name, hash, options);
    this.#meanwhile(this.#to.monitor.nodeChanged(name));
    return task;
  }

  async removeNode(name: string, options: { keepCache: boolean; forget: boolean; breakLock: boolean }): Promise<Task> {
    // Secrets of the node go with it: a locked vault is said before anything is done.
    this.#to.vault.open();
    const task = await this.#to.provisioner.remove(name, options);
    if (task.state === 'done') {
      this.#to.monitor.sync();
      this.#to.live.apply({ kind: 'node-removed', name });
      this.#to.history.forgetNode(name);
      this.#to.enrolment.forget(name);
    }
    return task;
  }

  previewSwitch(runtime: RuntimeId, route: Route): Promise<SwitchPreview> {
    return this.#to.engines.preview(runtime, route);
  }

  async switchAll(route: Route, sudoPassword: string | undefined): Promise<Task[]> {
    try {
      return await this.#to.engines.switchAll(route, secretOf(sudoPassword));
    } finally {
      await this.#lookAtEngines();
    }
  }

  async proveRuntime(runtime: RuntimeId, sudoPassword: string | undefined): Promise<Task> {
    const task = await this.#to.engines.prove(runtime, secretOf(sudoPassword));
    await this.#lookAtEngines();
    return task;
  }

  localStorage(runtime: RuntimeId): Promise<LocalStorage> {
    return this.#to.engines.storage(runtime);
  }

  async switchRuntime(runtime: RuntimeId, route: Route, sudoPassword: string | undefined): Promise<Task> {
    const task = await this.#to.engines.switch(runtime, route, secretOf(sudoPassword));
    await this.#lookAtEngines();
    return task;
  }

  async listCache(node: string): Promise<CacheList> {
    const { nodes, connections } = this.#to;
    const { spec } = nodes.get(node);
    return listCache(await connections.host(node), spec);
  }

  async previewPrune(node: string, policy: PrunePolicy, graceSeconds?: number): Promise<PrunePreview> {
    const { nodes, connections } = this.#to;
    const { spec } = nodes.get(node);
    return previewPrune(await connections.host(node), spec, policy, graceSeconds === undefined ? {} : { graceSeconds });
  }

  async prune(node: string, policy: PrunePolicy, graceSeconds?: number): Promise<Task> {
    const { nodes, connections, tasks, monitor } = this.#to;
    const { spec } = nodes.get(node);
    const host = await connections.host(node);
    const task = await tasks.run(
      {
        kind: 'prune',
        subject: node,
        title: `Prune ${node}`,
        intent: { kind: 'prune', node, policy, ...(graceSeconds === undefined ? {} : { graceSeconds }) },
      },
      async (context) => {
        await runPrune(host, spec, policy, context, graceSeconds === undefined ? {} : { graceSeconds });
      },
    );
    this.#meanwhile(monitor.nodeChanged(node));
    return task;
  }

  pins(node: string): Promise<string[]> {
    return this.#to.caches.pins(node);
  }

  pin(node: string, pins: readonly string[]): Promise<string[]> {
    return this.#to.caches.pin(node, pins);
  }

  unpin(node: string, pins: readonly string[]): Promise<string[]> {
    return this.#to.caches.unpin(node, pins);
  }

  cancelTask(id: string): void {
    this.#to.tasks.cancel(id);
  }

  settings(): Settings {
    return this.#to.settings.get();
  }

  setImage(image: 'registry' | 'envoy', source: ImageSource): Settings {
    const { images } = this.#to.settings.get();
    return this.#to.settings.update({ images: { ...images, [image]: source } });
  }

  /** How often the fleet is looked at, by the running watch too. */
  setWatch(watch: WatchSettings): Settings {
    const next = this.#to.settings.update({ watch });
    this.#to.monitor.setPace(paceOf(next.watch));
    return next;
  }

  setKeep(keep: KeepSettings): Settings {
    return this.#to.settings.update({ keep });
  }

  chooseVault(vault: Exclude<Settings['vault'], 'undecided'>, passphrase: string | undefined): Settings {
    return this.#to.vault.choose(vault, passphrase === undefined ? undefined : new Secret(passphrase));
  }

  openVault(passphrase: string): void {
    this.#to.vault.unlock(new Secret(passphrase));
  }

  /** Work whose result comes by the snapshot: the caller does not wait, and a fault in it ends nothing else. */
  #meanwhile(work: Promise<void>): void {
    work.catch((error: unknown) => this.#to.log.error('work in the background failed', { error: String(error) }));
  }

  async #lookAtEngines(): Promise<void> {
    for (const runtime of await this.#to.engines.inspect()) this.#to.live.apply({ kind: 'runtime', runtime });
  }
}

function secretOf(password: string | undefined): Secret | undefined {
  return password === undefined ? undefined : new Secret(password);
}
