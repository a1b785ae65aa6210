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
import type { KeepSettings, Settings, SettingsPart, VaultView, WatchSettings } from '../preload/contract/settings.ts';
import type { Growth, HistoryInput, MirrorHistory, Pull } from '../preload/contract/history.ts';
import type { Change, Snapshot } from '../preload/contract/live.ts';
import type { ImageSource, KnownHost, NodeDetail, NodeRequest, Plan, Preflight } from '../preload/contract/node.ts';
import { fail } from '../preload/contract/problem.ts';
import { type Route, type RuntimeId, runtimeIdSchema, type SwitchPreview } from '../preload/contract/runtime.ts';
import type { Task } from '../preload/contract/task.ts';
import type { Activity } from './activity/activity.ts';
import { type Ways, goOn, takeBack } from './activity/take-back.ts';
import { valueChange } from './activity/value-change.ts';
import type { Caches } from './cache/caches.ts';
import { listCache, previewPrune, runPrune } from './cache/node-cache.ts';
import { nodeLayout } from './fleet/node-layout.ts';
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
import type { NodeRecord, NodeStore } from './store/nodes.ts';
import type { SettingsStore } from './store/settings.ts';
import type { VaultAccess } from './store/vault-access.ts';
import type { Tasks } from './tasks/tasks.ts';

/** The settings' seconds as the monitor's milliseconds. */
export function paceOf(watch: WatchSettings): { intervalMs: number; upstreamIntervalMs: number } {
  return { intervalMs: watch.everySeconds * 1000, upstreamIntervalMs: watch.upstreamEverySeconds * 1000 };
}

/** What is in `list` and not in `other`. */
function missingIn(other: readonly string[], list: readonly string[]): string[] {
  return list.filter((each) => !other.includes(each));
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
  readonly activity: Activity;
  /** How we left an engine; undefined where it is direct. */
  readonly switched: (runtime: RuntimeId) => { readonly route: Route } | undefined;
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
    const { history, settings } = this.#to;
    this.#mirrored(input.node, input.upstream);
    return readMirrorHistory(history, input, Date.now(), paceOf(settings.get().watch));
  }

  async pulls(name: string, wanted: { upstream?: string | undefined; limit: number }): Promise<Pull[]> {
    const { connections } = this.#to;
    const { spec } = this.#mirrored(name, wanted.upstream);
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
    this.#refuseInUse(name);
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
    return this.#putPins(node, 'pin', pins);
  }

  unpin(node: string, pins: readonly string[]): Promise<string[]> {
    return this.#putPins(node, 'unpin', pins);
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
    const { images } = this.#to.settings.get();
    return this.#putSettings(`Use ${source.reference} as the ${image} image`, {
      images: { ...images, [image]: source },
    });
  }

  /** How often the fleet is looked at, by the running watch too. */
  setWatch(watch: WatchSettings): Settings {
    return this.#putSettings(`Look every ${watch.everySeconds} s`, { watch });
  }

  setKeep(keep: KeepSettings): Settings {
    const next = this.#putSettings(`Keep activity for ${keep.activityDays} days`, { keep });
    this.#to.activity.forget(next.keep.activityDays);
    return next;
  }

  chooseVault(vault: Exclude<Settings['vault'], 'undecided'>, passphrase: string | undefined): Settings {
    const { settings, activity } = this.#to;
    const before = settings.get();
    const next = this.#to.vault.choose(vault, passphrase === undefined ? undefined : new Secret(passphrase));
    const changes = [valueChange(settings.file, { vault: before.vault }, { vault: next.vault })];
    activity.made({ kind: 'vault', subject: 'vault', title: `Seal secrets with a key from: ${vault}`, changes });
    return next;
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
    const { tasks, provisioner, monitor } = this.#to;
    return {
      preview: (runtime, route) => this.previewSwitch(runtime, route),
      switch: (runtime, route) => this.switchRuntime(runtime, route, sudoPassword),
      apply: async (node, installEngine) => {
        const { hash } = await provisioner.plan(node, installEngine);
        return this.apply(node, hash, { installEngine, breakLock: false });
      },
      remove: (node, how) => this.removeNode(node, { ...how, breakLock: false }),
      takeOff: async (node) => {
        this.#refuseInUse(node);
        const how = { keepCache: false, forget: false, breakLock: false, remember: true };
        const task = await provisioner.remove(node, how);
        monitor.sync();
        return task;
      },
      prune: (node, policy, graceSeconds) => this.prune(node, policy, graceSeconds),
      putSettings: (title, from, to) =>
        tasks.run(
          { kind: 'undo', subject: 'settings', title, intent: { kind: 'settings', before: from, after: to } },
          async (job) => {
            const change = valueChange(this.#to.settings.file, from, to);
            job.changes(change ? [change] : []);
            await job.step('settings', 'Put the setting back', async () => this.#takeOver(to));
          },
        ),
      putPins: (title, node, verb, pins) =>
        tasks.run({ kind: 'undo', subject: node, title, intent: { kind: verb, node, pins: [...pins] } }, (job) =>
          job.step('pins', 'Put the pins back', async () => {
            await this.#to.caches[verb](node, pins);
          }),
        ),
      setSchedule: (node, schedule) => this.setSchedule(node, schedule),
    };
  }

  /** Changes pins and writes down which: those that were pinned, or not, before are not among them. */
  async #putPins(node: string, verb: 'pin' | 'unpin', pins: readonly string[]): Promise<string[]> {
    const { caches, nodes, activity } = this.#to;
    const before = await caches.pins(node);
    const after = await caches[verb](node, pins);
    const changed = verb === 'pin' ? missingIn(before, after) : missingIn(after, before);
    if (changed.length === 0) return after;
    const change = valueChange(`${nodeLayout(nodes.get(node).spec).base}/pins`, before, after);
    const title = `${verb === 'pin' ? 'Pin' : 'Unpin'} ${changed.join(', ')}`;
    activity.made({ kind: verb, subject: node, title, changes: [change], intent: { kind: verb, node, pins: changed } });
    return after;
  }

  /** Changes settings and writes that down; the same value again changes nothing. */
  #putSettings(title: string, after: SettingsPart): Settings {
    const { settings, activity } = this.#to;
    const now = settings.get();
    const before: SettingsPart = Object.fromEntries(Object.entries(now).filter(([name]) => Object.hasOwn(after, name)));
    const change = valueChange(settings.file, before, after);
    const next = this.#takeOver(after);
    const intent = { kind: 'settings', before, after } as const;
    if (change) activity.made({ kind: 'settings', subject: 'settings', title, changes: [change], intent });
    return next;
  }

  #takeOver(change: SettingsPart): Settings {
    const next = this.#to.settings.update(change);
    if (change.watch) this.#to.monitor.setPace(paceOf(next.watch));
    return next;
  }

  /** A node that an engine still pulls through is never taken away from under it. */
  #refuseInUse(name: string): void {
    const users = runtimeIdSchema.options.filter((id) => this.#to.switched(id)?.route.includes(name));
    if (users.length === 0) return;
    fail({
      code: 'node-in-use',
      message: `${users.join(' and ')} still ${users.length === 1 ? 'pulls' : 'pull'} through ${name}; nothing was removed.`,
      hint: `Switch first: ${users.map((id) => `mirrorfleet switch ${id} direct`).join('; ')}`,
      detail: { node: name, engines: users.join(', ') },
    });
  }

  /** The node of that name, which has that mirror where one is named. */
  #mirrored(name: string, upstream: string | undefined): NodeRecord {
    const record = this.#to.nodes.get(name);
    const { upstreams } = record.spec;
    if (upstream === undefined || upstreams.includes(upstream)) return record;
    return fail({
      code: 'mirror-unknown',
      message: `${name} has no mirror of ${upstream}.`,
      hint: `It mirrors ${upstreams.join(', ')}.`,
    });
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
