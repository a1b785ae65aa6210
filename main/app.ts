import { createHash } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { RuntimeId } from '../preload/contract/runtime.ts';
import type { Settings } from '../preload/contract/settings.ts';
import { Activity } from './activity/activity.ts';
import { Journal } from './activity/journal.ts';
import { PinChanges } from './activity/pin-changes.ts';
import { SettingsChanges } from './activity/settings-changes.ts';
import { Api } from './api.ts';
import { Caches } from './cache/caches.ts';
import { PrunableWatch } from './cache/prunable-watch.ts';
import { removeSchedule } from './cache/schedule.ts';
import { Identities, type SecretShelf } from './certificates/identities.ts';
import { nodeLayout } from './fleet/node-layout.ts';
import { type ConnectHost, Connections } from './hosts/connections.ts';
import { LiveState } from './live-state.ts';
import { createLog, type LogSink } from './log/log.ts';
import { edgeRequests } from './monitor/edge-requests.ts';
import { Monitor, type MonitorOptions } from './monitor/monitor.ts';
import { type Clock, systemClock } from './monitor/schedule.ts';
import { Enrolment } from './provision/enrolment.ts';
import { Provisioner } from './provision/provisioner.ts';
import { Containerd } from './runtimes/containerd.ts';
import { Docker } from './runtimes/docker.ts';
import { Engines } from './runtimes/engines.ts';
import { Podman } from './runtimes/podman.ts';
import { SwitchRecords } from './runtimes/switch-records.ts';
import { History } from './store/history.ts';
import { NodeStore } from './store/nodes.ts';
import type { Paths } from './store/paths.ts';
import { defaultSettings, paceOf, SettingsStore } from './store/settings.ts';
import { Vault } from './store/vault.ts';
import { VaultAccess } from './store/vault-access.ts';
import { Tasks } from './tasks/tasks.ts';
import { version } from './version.ts';

export interface AppOptions {
  readonly paths: Paths;
  readonly sink: LogSink;
  /** Whether to keep watching the fleet; a core that serves one command only looks when it is asked to. */
  readonly watch: boolean;
  /** What the watch meets, where a test plays it; each part left out is the real one. */
  readonly world?: World;
}

/** Time, answers of edges and upstreams, and the machines behind nodes. */
export interface World extends Pick<MonitorOptions, 'ask' | 'readCertificateDays' | 'random' | 'networks'> {
  readonly clock?: Clock;
  readonly connect?: ConnectHost;
}

/** Builds every service by hand, in order, and gives the one Api. `close` lets everything go that was opened. */
export function createApp({ paths, sink, watch, world = {} }: AppOptions): { api: Api; close(): Promise<void> } {
  const log = (topic: Parameters<typeof createLog>[0]) => createLog(topic, sink);
  const who = `${userInfo().username}@${hostname()}`;
  const { clock = systemClock, connect, ...answers } = world;
  const live = new LiveState(version, who);
  const settings = new SettingsStore(paths.config);
  const nodes = new NodeStore(paths.config);
  const records = new SwitchRecords(join(paths.data, 'switches.json'));
  const journal = new Journal(join(paths.data, 'activity.db'), {
    onProblem: (problem) => log('store').warn(problem.message, { code: problem.code }),
  });
  const switched = (runtime: RuntimeId) => records.read(runtime);
  const activity = new Activity({
    journal,
    publish: (change) => live.apply(change),
    who,
    standing: {
      switched,
      settings: () => settingsOrDefault(settings),
      nodeKnown: (name) => nodes.find(name) !== undefined,
    },
  });
  const tasks = new Tasks(
    (task, news) => {
      // What a job is about to change is in the journal before anyone hears of it, and before it happens.
      activity.hear(news);
      live.apply({ kind: 'task', task });
    },
    { who },
  );
  const vault = new VaultAccess(new Vault(paths.config), settings, paths.config);
  const shelf: SecretShelf = {
    get: (name) => vault.open().get(name),
    put: (name, secret) => vault.open().put(name, secret),
    remove: (name) => vault.open().remove(name),
  };
  const identities = new Identities(shelf, who);
  const enrolment = new Enrolment(nodes, vault, log('hosts'));
  const connections = new Connections((name) => enrolment.access(name), log('hosts'), connect);
  enrolment.attach(connections);
  // The same for every run of this Mirrorfleet on this computer.
  const installation = createHash('sha256').update(`${hostname()} ${paths.config}`).digest('hex').slice(0, 16);
  const provisioner = new Provisioner({
    nodes,
    settings,
    identities,
    connections,
    tasks,
    takeOffSchedule: removeSchedule,
    appVersion: version,
    holder: { who, installation },
    log: log('provision'),
  });
  const history = new History(join(paths.data, 'history.db'), {
    now: () => clock.now(),
    onProblem: (problem) => log('store').warn(problem.message, { code: problem.code }),
    keepDays: () => settingsOrDefault(settings).keep.historyDays,
  });
  const monitor = new Monitor({
    nodes: () =>
      nodes.list().map(({ spec, appliedAt }) => ({
        spec,
        destination: spec.target.destination,
        applied: appliedAt !== undefined,
        ...(appliedAt !== undefined && { appliedAt }),
        identity: () => identities.identity(),
        host: () => connections.host(spec.name),
        metricsToken: () => identities.metricsToken(spec.name),
      })),
    publish: (change) => live.apply(change),
    history,
    ...paceOf(settingsOrDefault(settings).watch),
    log: log('monitor'),
    clock,
    ...answers,
  });
  const edge = async (node: string, since: number) =>
    edgeRequests(await connections.host(node), nodes.get(node).spec, since);
  const engines = new Engines({
    runtimes: [new Docker(records), new Containerd(records), new Podman(records)],
    nodes,
    identities,
    tasks,
    records,
    edgeRequests: edge,
  });
  const caches = new Caches({ nodes, connections, tasks, publish: (change) => live.apply(change) });
  const prunable = new PrunableWatch({
    snapshot: () => live.snapshot,
    count: (node, signal) => caches.countPrunable(node, signal),
    clock,
    log: log('cache'),
  });
  live.subscribe((change) => prunable.hear(change));
  const api = new Api({
    live,
    tasks,
    nodes,
    settings,
    settingsChanges: new SettingsChanges({ settings, vault, monitor, activity, tasks }),
    vault,
    connections,
    enrolment,
    provisioner,
    monitor,
    history,
    engines,
    caches,
    pinChanges: new PinChanges({ caches, baseOf: (node) => nodeLayout(nodes.get(node).spec).base, activity, tasks }),
    activity,
    log: log('core'),
  });
  const stopForgetting = keepJournal(activity, () => settingsOrDefault(settings).keep.activityDays);
  activity.begin();
  if (watch) {
    monitor.start();
    prunable.start();
    api.lookAround();
  } else monitor.sync();
  return {
    api,
    async close() {
      await Promise.all([monitor.stop(), prunable.stop()]);
      await connections.close();
      stopForgetting();
      history.close();
      activity.close();
    },
  };
}

/** Clears old entries of the journal away, now and once a day. The returned function ends that. */
function keepJournal(activity: Activity, keepDays: () => number): () => void {
  activity.forget(keepDays());
  const timer = setInterval(() => activity.forget(keepDays()), 24 * 60 * 60_000);
  timer.unref();
  return () => clearInterval(timer);
}

/** The settings; where the file cannot be read, that is told by the command that needs it, not by every start. */
function settingsOrDefault(settings: SettingsStore): Settings {
  try {
    return settings.get();
  } catch {
    return defaultSettings;
  }
}
