import { withMirrors } from '../../main/runtimes/formats/daemon-json.ts';
import type { RuntimeId } from '../../preload/contract/runtime.ts';

/** One engine as the crash run sees it: what is its user's, how to lay it, and what tells that it still runs as before. */
export interface CrashEngine {
  readonly id: RuntimeId;
  /** Everything a switch may touch lies below. */
  readonly folder: string;
  readonly password: string | undefined;
  /** Lays the user's own configuration, as a person with odd habits left it, and makes the engine take it over. */
  readonly lay: string;
  /** Tells the user's own state that no crash may change: the container and, where nothing restarts it, the daemon. */
  readonly alive: string;
  /** The mirrors that the running engine uses, as text. */
  readonly live: string;
  /** The route that is told while it is direct: none where mirrors of the user's own count. */
  readonly directRoute: string | undefined;
  readonly pidFile: string;
  /** What a service manager does about an engine that was killed, and how it is seen to answer. */
  readonly startAgain: string | undefined;
  /** States of a file, beside those of before and after, that a switch passes through on purpose; from the text after the switch. */
  readonly passing: (path: string, text: string) => readonly string[];
  /** The command that tells whether the daemon would start with the configuration `$1`, and the file that it is about. */
  readonly check: { readonly file: string; readonly on: 'laptop' | 'alpha'; readonly command: string } | undefined;
}

const canary = "docker inspect -f '{{.State.StartedAt}} {{.State.Pid}} {{.State.Running}}' canary";

const docker: CrashEngine = {
  id: 'docker',
  folder: '/etc/docker',
  password: 'dev-sudo-pw',
  lay: String.raw`mkdir -p /etc/docker; printf '{\r\n\t"live-restore": true,\r\n  "registry-mirrors": ["https://user.example"],\r\n\t"debug": false\r\n}\r\n' >/etc/docker/daemon.json
    chown root:docker /etc/docker/daemon.json; chmod 640 /etc/docker/daemon.json; kill -HUP $(cat /run/docker.pid)
    until docker info -f '{{.LiveRestoreEnabled}} {{.RegistryConfig.Mirrors}}' | grep -q 'true.*user.example'; do sleep 0.1; done`,
  alive: `${canary}`,
  live: "docker info -f '{{json .RegistryConfig.Mirrors}}'",
  directRoute: undefined,
  pidFile: '/run/docker.pid',
  startAgain: 'service docker start >/dev/null; until docker version >/dev/null 2>&1; do sleep 0.1; done',
  // Docker never un-sets a key that is missing: the way back passes through an empty list (moby#36632).
  passing: (path, text) =>
    path.endsWith('daemon.json') ? [Buffer.from(withMirrors(Buffer.from(text), [])).toString()] : [],
  check: { file: '/etc/docker/daemon.json', on: 'alpha', command: 'dockerd --validate --config-file "$1"' },
};

const containerd: CrashEngine = {
  id: 'containerd',
  folder: '/etc/containerd',
  password: 'dev-sudo-pw',
  lay: 'chmod 640 /etc/containerd/config.toml; chown root:dev /etc/containerd/config.toml',
  alive: canary,
  live: 'true',
  directRoute: '',
  pidFile: '/run/containerd.pid',
  startAgain: 'service containerd start >/dev/null; until ctr version >/dev/null 2>&1; do sleep 0.1; done',
  passing: () => [],
  check: { file: '/etc/containerd/config.toml', on: 'laptop', command: 'containerd -c "$1" config dump' },
};

const podman: CrashEngine = {
  id: 'podman',
  folder: '/home/dev/.config/containers',
  password: undefined,
  lay: String.raw`mkdir -p /home/dev/.config/containers/registries.conf.d
    printf '[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "own.example/hub"\n' >/home/dev/.config/containers/registries.conf.d/50-own.conf
    chmod 600 /home/dev/.config/containers/registries.conf.d/50-own.conf; chown -R dev:dev /home/dev/.config`,
  alive: canary,
  live: 'su dev -c "cd; podman info --format \'{{json .Registries}}\'"',
  directRoute: undefined,
  pidFile: '/dev/null',
  startAgain: undefined,
  passing: () => [],
  check: undefined,
};

export const crashEngines: readonly CrashEngine[] = [docker, containerd, podman];
