import { assertNever } from '../../preload/contract/assert-never.ts';
import type { Problem } from '../../preload/contract/problem.ts';
import type { RuntimeView } from '../../preload/contract/runtime.ts';
import type { DockerdFlags } from './docker-place.ts';
import type { DockerInfo } from './docker-socket.ts';

/** What was found of a Docker Engine. `mirrors` without trailing slashes; undefined where the engine does not answer. */
export interface DockerFound {
  readonly state: RuntimeView['state'];
  readonly version?: string;
  readonly components?: readonly string[];
  readonly info?: DockerInfo;
  readonly store?: 'classic' | 'containerd';
  readonly mirrors?: readonly string[];
  readonly flags?: DockerdFlags;
  /** The failure's own words where the engine does not answer. */
  readonly reason?: string;
  readonly problem?: Problem;
}

type Verdict = readonly [code: string, message: string, hint: string];

/** Why this Docker cannot be switched, undefined where it can. Pure. */
export function dockerProblem(found: DockerFound, platform: string = process.platform): Problem | undefined {
  if (found.problem !== undefined) return found.problem;
  const verdict = unreachable(found) ?? unsupported(found, platform) ?? conflicting(found);
  if (verdict === undefined) return undefined;
  const [code, message, hint] = verdict;
  const retryable = code === 'docker-stopped';
  const text = `${message} Nothing was changed.`;
  return { code, message: text, hint, retryable, ...(found.reason ? { detail: { reason: found.reason } } : {}) };
}

function unreachable({ state }: DockerFound): Verdict | undefined {
  switch (state) {
    case 'found':
      return undefined;
    case 'absent':
      return ['docker-absent', 'There is no Docker Engine on this computer.', 'Install Docker, then try again.'];
    case 'stopped':
      return ['docker-stopped', 'Docker is installed but does not answer.', 'Start it, then try again.'];
    case 'needs-permission':
      return [
        'docker-needs-permission',
        'Docker is there, but this user may not use its socket, so a switch could not be proven.',
        'Add this user to the group docker (sudo usermod -aG docker $USER) and log in again.',
      ];
    default:
      return assertNever(state);
  }
}

function unsupported({ info, components, store, version }: DockerFound, platform: string): Verdict | undefined {
  const notYet = 'Choose another engine for now.';
  const system = info?.OperatingSystem ?? '';
  if (components?.includes('Podman Engine'))
    return ['docker-is-podman', 'What answers on the Docker socket is Podman, which is not switched yet.', notYet];
  if (
    platform !== 'linux' ||
    /Docker Desktop|OrbStack|Rancher Desktop/i.test(system) ||
    /^(colima|lima-)/.test(info?.Name ?? '')
  )
    return [
      'docker-vm-not-yet',
      `This Docker runs in a virtual machine (${system || platform}), which is not switched yet.`,
      notYet,
    ];
  if (info?.SecurityOptions?.some((each) => each.includes('name=rootless')))
    return ['docker-rootless-not-yet', 'This Docker runs rootless, which is not switched yet.', notYet];
  if (info?.DockerRootDir.startsWith('/var/snap/'))
    return ['docker-snap-not-yet', 'This Docker is the snap package, which is not switched yet.', notYet];
  const major = Number(/^\d+/.exec(version ?? '')?.[0] ?? 0);
  if (store === 'containerd' && major >= 28)
    return [
      'docker-containerd-store',
      `Docker ${version ?? ''} with the containerd image store takes its mirrors from hosts.toml, which is not written yet.`,
      notYet,
    ];
  if (major > 0 && (major < 20 || (version?.startsWith('20.10') === false && major === 20)))
    return ['docker-too-old', `Docker ${version ?? ''} is older than 20.10.`, 'Update Docker.'];
  return undefined;
}

function conflicting({ flags }: DockerFound): Verdict | undefined {
  if (flags?.mirrorsByFlag)
    return [
      'docker-mirror-flag',
      'dockerd was started with --registry-mirror; the same setting in its file would keep it from starting again.',
      'Remove the flag from the unit or from DOCKER_OPTS in /etc/default/docker, restart Docker once, then switch.',
    ];
  if (flags !== undefined && flags.configFile !== '/etc/docker/daemon.json')
    return [
      'docker-config-elsewhere',
      `dockerd reads ${flags.configFile}, which is not written yet.`,
      'Use /etc/docker/daemon.json for now.',
    ];
  return undefined;
}
