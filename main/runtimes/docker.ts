import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { fail, type Problem, ProblemError, problemOf } from '../../preload/contract/problem.ts';
import type { LocalStorage } from '../../preload/contract/cache.ts';
import type { Route, RuntimeView } from '../../preload/contract/runtime.ts';
import { dockerPlace, type DockerdFlags, runningDockerd } from './docker-place.ts';
import { bare, certificatePaths, planDirect, planMirrors } from './docker-plan.ts';
import { type DockerFound, dockerProblem } from './docker-problems.ts';
import { dockerStorage } from './docker-storage.ts';
import { pullByDigest } from './docker-pull.ts';
import { askDocker, dockerInfoSchema, dockerVersionSchema } from './docker-socket.ts';
import { hashOf } from './file-diff.ts';
import { followed } from './followed.ts';
import { interruptedSwitch } from './interrupted-switch.ts';
import type { SeenFile } from './owned-files.ts';
import { see, seeAll } from './seen-file.ts';
import type { MirrorEndpoint, PreparedSwitch, ProofImage, ProofPull, Runtime } from './runtime.ts';
import type { SwitchRecord, SwitchRecords } from './switch-records.ts';

const usualFile = '/etc/docker/daemon.json';
const programs = ['/usr/bin/dockerd', '/usr/sbin/dockerd', '/usr/local/bin/dockerd'];

/** Docker Engine on this computer, reached by its local socket as an ordinary user. */
export class Docker implements Runtime {
  readonly id = 'docker' as const;
  readonly engine = 'Docker';
  readonly userAgent = 'docker/';
  readonly provesAsRoot = false;
  readonly #records: SwitchRecords;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #home: string;

  constructor(records: SwitchRecords, environment: NodeJS.ProcessEnv = process.env, home: string = homedir()) {
    this.#records = records;
    this.#environment = environment;
    this.#home = home;
  }

  async inspect(): Promise<RuntimeView> {
    const found = await this.#find();
    const base = { id: this.id, engine: this.engine, mirrors: [...(found.mirrors ?? [])] };
    if (found.state === 'absent') return { ...base, state: 'absent' };
    const { record, damaged } = this.#records.look(this.id);
    const problem = dockerProblem(found) ?? damaged ?? (await this.#interrupted(record, found));
    return {
      ...base,
      state: found.state,
      file: found.flags?.configFile ?? usualFile,
      ...(found.store === 'classic' ? { abilities: [{ code: 'docker-only-docker-io' }] } : {}),
      ...(found.version === undefined ? {} : { version: found.version }),
      ...(found.store === undefined ? {} : { store: found.store }),
      ...followed(record, found.mirrors, { first: true }),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  async prepare(route: Route, endpoints: readonly MirrorEndpoint[]): Promise<PreparedSwitch> {
    const found = await this.#find();
    const direct = route.length === 0;
    const problem = dockerProblem(found);
    const mayGoOn = direct && found.state === 'stopped';
    if (problem !== undefined && !mayGoOn) throw new ProblemError(problem);
    const file = found.flags?.configFile ?? usualFile;
    const record = this.#records.read(this.id);
    const paths = certificatePaths(endpoints, record);
    const facts = {
      file,
      current: readable(file, await see(file)),
      live: found.mirrors,
      record,
      seen: await seeAll(paths),
    };
    return direct ? planDirect(facts) : planMirrors(route, endpoints, facts);
  }

  async liveMirrors(): Promise<readonly string[]> {
    const found = await this.#find();
    if (found.mirrors !== undefined) return found.mirrors;
    throw new ProblemError(dockerProblem(found) ?? stoppedMeanwhile);
  }

  async pullForProof({ repository, digest }: ProofImage, signal: AbortSignal): Promise<ProofPull> {
    return pullByDigest(await this.#socket(), repository, digest, signal);
  }

  async storage(): Promise<LocalStorage> {
    const found = await this.#find();
    const problem = found.version === undefined ? dockerProblem(found) : undefined;
    if (problem !== undefined) throw new ProblemError(problem);
    return dockerStorage(await this.#socket());
  }

  async #socket(): Promise<string> {
    const { host, from } = await this.#place();
    if (host.startsWith('unix://')) return host.slice('unix://'.length);
    return fail({
      code: 'docker-not-local',
      message: `The docker command here talks to ${host} (by ${from}), not to an engine of this computer. Nothing was changed.`,
      hint: 'Choose the local engine with "docker context use default" and without DOCKER_HOST.',
    });
  }

  async #place() {
    try {
      return await dockerPlace(this.#environment, this.#home);
    } catch (cause) {
      return fail(
        {
          code: 'docker-context-unreadable',
          message: 'The chosen Docker context could not be read. Nothing was changed.',
          hint: 'See "docker context ls" and choose one that exists.',
        },
        { cause },
      );
    }
  }

  async #find(): Promise<DockerFound> {
    let socket: string;
    try {
      socket = await this.#socket();
    } catch (error) {
      return { state: 'found', problem: problemOf(error) };
    }
    try {
      const [versionAnswer, infoAnswer, flags] = await Promise.all([
        askDocker(socket, 'GET', '/version'),
        askDocker(socket, 'GET', '/info'),
        runningDockerd(),
      ]);
      const version = dockerVersionSchema.parse(JSON.parse(versionAnswer.body));
      const info = dockerInfoSchema.parse(JSON.parse(infoAnswer.body));
      const snapshotter = info.DriverStatus?.some((row) => row[1]?.startsWith('io.containerd.snapshotter')) ?? false;
      return {
        state: 'found',
        version: version.Version,
        components: version.Components?.map(({ Name }) => Name) ?? [],
        info,
        store: snapshotter ? 'containerd' : 'classic',
        mirrors: (info.RegistryConfig?.Mirrors ?? []).map(bare),
        ...flagsOf(flags),
      };
    } catch (error) {
      return { state: stateOf(error), ...flagsOf(await runningDockerd()), ...reasonOf(error) };
    }
  }

  async #interrupted(record: SwitchRecord | undefined, found: DockerFound): Promise<Problem | undefined> {
    if (record?.state !== 'switching') return undefined;
    const file = found.flags?.configFile ?? usualFile;
    const seen = await see(file);
    const sha256 = seen === 'unreadable' ? seen : hashOf(seen);
    return interruptedSwitch(this, record, { file, sha256, direct: 'bring back the original' });
  }
}

const stoppedMeanwhile: Problem = {
  code: 'docker-stopped',
  message: 'Docker does not answer.',
  hint: 'Start Docker, then try again.',
  retryable: true,
};

function flagsOf(flags: DockerdFlags | undefined): { flags?: DockerdFlags } {
  return flags === undefined ? {} : { flags };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function stateOf(error: unknown): RuntimeView['state'] {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM') return 'needs-permission';
  if (code === 'ENOENT' && !programs.some((each) => existsSync(each))) return 'absent';
  return 'stopped';
}

function reasonOf(error: unknown): { reason?: string } {
  return error instanceof Error ? { reason: error.message } : {};
}

/** The bytes of a file that was seen; throws `daemon-json-unreadable` for one that this user may not read. */
export function readable(path: string, seen: SeenFile): Uint8Array | undefined {
  if (seen !== 'unreadable') return seen;
  return fail({
    code: 'daemon-json-unreadable',
    message: `${path} cannot be read by this user, so no diff can be shown. Nothing was changed.`,
    hint: `Let this user read it and its folder (see "ls -ld ${path}"); it holds no secrets unless a proxy password was put there.`,
  });
}
