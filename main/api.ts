import type { ActivityEntry, ActivityInput, ActivityPage } from '../preload/contract/activity.ts';
import type {
  CacheList,
  LocalStorage,
  PrunePolicy,
  PrunePreview,
  Schedule,
  ScheduleView,
} from '../preload/contract/cache.ts';
import type { NodeSecrets } from '../preload/contract/contract.ts';
import type { KeepSettings, Settings, VaultView, WatchSettings } from '../preload/contract/settings.ts';
import type { Growth, HistoryInput, MirrorHistory, Pull } from '../preload/contract/history.ts';
import type { Change, Snapshot } from '../preload/contract/live.ts';
import type { ImageSource, KnownHost, NodeDetail, NodeRequest, Plan, Preflight } from '../preload/contract/node.ts';
import type { Route, RuntimeId, SwitchPreview } from '../preload/contract/runtime.ts';
import type { Task } from '../preload/contract/task.ts';
import type { Activity } from './activity/activity.ts';
import type { PinChanges } from './activity/pin-changes.ts';
import type { SettingsChanges } from './activity/settings-changes.ts';
import { type Ways, goOn, takeBack } from './activity/take-back.ts';
import { valueChange } from './activity/value-change.ts';
import type { Caches } from './cache/caches.ts';
import type { Connections } from './hosts/connections.ts';
import { knownSshHosts } from './hosts/ssh-aliases.ts';
import type { LiveState } from './live-state.ts';
import type { Log } from './log/log.ts';
import { Secret } from './log/secret.ts';
import { edgePulls } from './monitor/edge-requests.ts';
import type { Monitor } from './monitor/monitor.ts';
import type { Enrolment } from './provision/enrolment.ts';
import type { Provisioner } from './provision/provisioner.ts';
import type { Engines } from './runtimes/engines.ts';
import type { History } from './store/history.ts';
import { readGrowth, readMirrorHistory } from './store/mirror-history.ts';
import type { NodeStore } from './store/nodes.ts';
import { paceOf, type SettingsStore } from './store/settings.ts';
import type { VaultAccess } from './store/vault-access.ts';
import type { Tasks } from './tasks/tasks.ts';

/** Every service of the core, built by `app.ts`. */
export interface Services {
  readonly live: LiveState;
  readonly tasks: Tasks;
  readonly nodes: NodeStore;
  readonly settings: SettingsStore;
  readonly settingsChanges: SettingsChanges;
  readonly vault: VaultAccess;
  readonly connections: Connections;
  readonly enrolment: Enrolment;
  readonly provisioner: Provisioner;
  readonly monitor: Monitor;
  readonly history: History;
  readonly engines: Engines;
  readonly caches: Caches;
  readonly pinChanges: PinChanges;
  readonly activity: Activity;
  readonly log: Log;
}

/**
 * The contract as the core implements it: one method for each of its calls, in its order, which is all that makes this file long. A method
 * hands over to one service, and tells the others what they must know of it. All throw a ProblemError for what can be expected.
 */
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
    const { enrolment, nodes, activity, monitor } = this.#to;
    const before = nodes.find(request.name)?.spec;
    const spec = await enrolment.add(request, acceptHostKey, secrets);
    const change = valueChange(nodes.file, before, spec);
    const title = `${before === undefined ? 'Add' : 'Change'} ${request.name}`;
    if (change) activity.made({ kind: 'node-add', subject: request.name, title, changes: [change] });
    monitor.sync();
    return this.#to.provisioner.preflight(request.name);
  }

  async unlockNode(name: string, secrets: NodeSecrets): Promise<void> {
    await this.#to.enrolment.unlock(name, secrets);
    this.#to.activity.made({ kind: 'vault', subject: name, title: `Keep secrets of ${name}`, changes: [] });
    this.#meanwhile(this.#to.monitor.refresh(name));
  }

  /** Measurements are this computer's own, so a node that cannot be reached has them too. Throws `node-unknown`, `mirror-unknown`. */
  history(input: HistoryInput): MirrorHistory {
    const { nodes, history, settings } = this.#to;
    nodes.mirroring(input.node, input.upstream);
    return readMirrorHistory(history, input, Date.now(), paceOf(settings.get().watch));
  }

  async pulls(name: string, wanted: { upstream?: string | undefined; limit: number }): Promise<Pull[]> {
    const { nodes, connections } = this.#to;
    const { spec } = nodes.mirroring(name, wanted.upstream);
    return edgePulls(await connections.host(name), spec, wanted);
  }

  growth(node: string, from: number, to: number): Growth {
    this.#to.nodes.get(node);
    return readGrowth(this.#to.history, node, from, to);
  }

  knownHosts(): Promise<KnownHost[]> {
    return knownSshHosts();
  }

  showNode(name: string): NodeDetail {
    return this.#to.provisioner.show(name);
  }

  preflight(name: string): Promise<Preflight> {
    return this.#to.provisioner.preflight(name);
  }

  async plan(name: string, installEngine: boolean): Promise<Plan> {
    const { provisioner, nodes, monitor } = this.#to;
    const before = nodes.get(name).appliedAt;
    const plan = await provisioner.plan(name, installEngine);
    if (nodes.get(name).appliedAt !== before) this.#meanwhile(monitor.nodeChanged(name));
    return plan;
  }

  async apply(name: string, hash: string, options: { installEngine: boolean; breakLock: boolean }): Promise<Task> {
    const task = await this.#to.provisioner.apply(name, hash, options);
    this.#meanwhile(this.#to.monitor.nodeChanged(name));
    return task;
  }

  async removeNode(name: string, options: { keepCache: boolean; forget: boolean; breakLock: boolean }): Promise<Task> {
    // Secrets of the node go with it: a locked vault is said before anything is done.
    this.#to.vault.open();
    this.#to.engines.refuseInUse(name);
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
    await this.#lookAtEngines(runtime);
    return task;
  }

  localStorage(runtime: RuntimeId): Promise<LocalStorage> {
    return this.#to.engines.storage(runtime);
  }

  async switchRuntime(runtime: RuntimeId, route: Route, sudoPassword: string | undefined): Promise<Task> {
    const task = await this.#to.engines.switch(runtime, route, secretOf(sudoPassword));
    await this.#lookAtEngines(runtime);
    return task;
  }

  listCache(node: string): Promise<CacheList> {
    return this.#to.caches.list(node);
  }

  previewPrune(node: string, policy: PrunePolicy, graceSeconds?: number): Promise<PrunePreview> {
    return this.#to.caches.previewPrune(node, policy, graceSeconds);
  }

  async prune(node: string, policy: PrunePolicy, graceSeconds?: number): Promise<Task> {
    const task = await this.#to.caches.prune(node, policy, graceSeconds);
    this.#meanwhile(this.#to.monitor.nodeChanged(node));
    return task;
  }

  pins(node: string): Promise<string[]> {
    return this.#to.caches.pins(node);
  }

  pin(node: string, pins: readonly string[]): Promise<string[]> {
    return this.#to.pinChanges.put(node, 'pin', pins);
  }

  unpin(node: string, pins: readonly string[]): Promise<string[]> {
    return this.#to.pinChanges.put(node, 'unpin', pins);
  }

  schedule(node: string): Promise<ScheduleView> {
    return this.#to.caches.schedule(node);
  }

  setSchedule(node: string, schedule: Schedule | undefined): Promise<Task> {
    return this.#to.caches.setSchedule(node, schedule);
  }

  scrub(node: string, repair: boolean): Promise<Task> {
    return this.#to.caches.scrub(node, repair);
  }

  cancelTask(id: string): void {
    this.#to.tasks.cancel(id);
  }

  settings(): Settings {
    return this.#to.settings.get();
  }

  setImage(image: 'registry' | 'envoy', source: ImageSource): Settings {
    return this.#to.settingsChanges.setImage(image, source);
  }

  setWatch(watch: WatchSettings): Settings {
    return this.#to.settingsChanges.setWatch(watch);
  }

  setKeep(keep: KeepSettings): Settings {
    return this.#to.settingsChanges.setKeep(keep);
  }

  chooseVault(vault: Exclude<Settings['vault'], 'undecided'>, passphrase: string | undefined): Settings {
    return this.#to.settingsChanges.chooseVault(vault, secretOf(passphrase));
  }

  vaultView(): VaultView {
    return this.#to.vault.view();
  }

  openVault(passphrase: string): void {
    this.#to.vault.unlock(new Secret(passphrase));
  }

  activity(input: ActivityInput): ActivityPage {
    return this.#to.activity.list(input);
  }

  activityEntry(id: string): ActivityEntry {
    return this.#to.activity.show(id);
  }

  /** Takes an entry of the journal back, where that is exact. */
  async undo(id: string, sudoPassword: string | undefined): Promise<Task> {
    const { activity } = this.#to;
    const entry = activity.undoable(id);
    const task = await takeBack(entry, this.#ways(sudoPassword));
    if (task.state === 'done') activity.settle(entry, 'undone', task);
    return task;
  }

  /** Goes on with an entry that was interrupted or failed. */
  async resume(id: string, sudoPassword: string | undefined): Promise<Task> {
    const { activity } = this.#to;
    const entry = activity.resumable(id);
    const task = await goOn(entry, this.#ways(sudoPassword));
    if (task.state === 'done') activity.settle(entry, 'resumed', task);
    return task;
  }

  #ways(sudoPassword: string | undefined): Ways {
    const { provisioner, engines, monitor, settingsChanges, pinChanges } = this.#to;
    return {
      preview: (runtime, route) => this.previewSwitch(runtime, route),
      switch: (runtime, route) => this.switchRuntime(runtime, route, sudoPassword),
      apply: async (node, installEngine) => {
        const { hash } = await provisioner.plan(node, installEngine);
        return this.apply(node, hash, { installEngine, breakLock: false });
      },
      remove: (node, how) => this.removeNode(node, { ...how, breakLock: false }),
      takeOff: async (node) => {
        engines.refuseInUse(node);
        const how = { keepCache: false, forget: false, breakLock: false, remember: true };
        const task = await provisioner.remove(node, how);
        monitor.sync();
        return task;
      },
      prune: (node, policy, graceSeconds) => this.prune(node, policy, graceSeconds),
      putSettings: (title, from, to) => settingsChanges.putBack(title, from, to),
      putPins: (title, node, verb, pins) => pinChanges.putBack(title, node, verb, pins),
      setSchedule: (node, schedule) => this.setSchedule(node, schedule),
    };
  }

  /** Work whose result comes by the snapshot: the caller does not wait, and a fault in it ends nothing else. */
  #meanwhile(work: Promise<void>): void {
    work.catch((error: unknown) => this.#to.log.error('work in the background failed', { error: String(error) }));
  }

  /** Looks at every engine, or at the only one that something was done to: another one's answer may take half a second. */
  async #lookAtEngines(only?: RuntimeId): Promise<void> {
    for (const runtime of await this.#to.engines.inspect(only)) this.#to.live.apply({ kind: 'runtime', runtime });
  }
}

function secretOf(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : new Secret(text);
}
