import { readdir } from 'node:fs/promises';
import { z } from 'zod';
import type { LocalStorage } from '../../preload/contract/cache.ts';
import { type Problem, fail, ProblemError, problemOf } from '../../preload/contract/problem.ts';
import type { Route, RuntimeView } from '../../preload/contract/runtime.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import {
  configFile,
  configUnread,
  containerdProblem,
  dockerFollowsRestart,
  findContainerd,
} from './containerd-place.ts';
import { type CertsFolder, containerdMirrors, containerdPaths, planContainerd } from './containerd-plan.ts';
import { type HelperLine, startHelper } from './elevation.ts';
import { certsFolder, configPathIn } from './formats/containerd-config.ts';
import { followed } from './followed.ts';
import { interruptedSwitch } from './interrupted-switch.ts';
import type { MirrorEndpoint, PreparedSwitch, ProofImage, ProofPull, Runtime } from './runtime.ts';
import type { SeenFile } from './owned-files.ts';
import { see, seeAll } from './seen-file.ts';
import type { SwitchRecords } from './switch-records.ts';
import { isUnfinished } from './privileged-files.ts';

const statusSchema = z.object({ configPath: z.string() });
const storageSchema = z.object({ count: z.number(), bytes: z.number(), reclaimableBytes: z.number() });

/**
 * The system's containerd as Kubernetes, crictl and nerdctl use it. Its files can be read by everyone, its socket belongs to root: what is
 * live, and the proof, are asked through the helper.
 */
export class Containerd implements Runtime {
  readonly id = 'containerd' as const;
  readonly engine = 'containerd';
  readonly userAgent = 'containerd/';
  readonly provesAsRoot = true;
  readonly #records: SwitchRecords;

  constructor(records: SwitchRecords) {
    this.#records = records;
  }

  async inspect(): Promise<RuntimeView> {
    const found = await findContainerd();
    const { state, version } = found;
    const base = { id: this.id, engine: this.engine, mirrors: [] };
    if (state === 'absent') return { ...base, state };
    const { record, damaged } = this.#records.look(this.id);
    const { setting, unusable } = await this.#setting();
    const mirrors = setting === 'set' ? containerdMirrors(await certsFolders()) : [];
    // A configuration that is not read here may name any mirror.
    const known = setting !== undefined && found.elsewhere === undefined;
    const problem =
      containerdProblem(found) ??
      unusable ??
      damaged ??
      interruptedSwitch(this, record, { file: configFile, direct: 'bring back the original' });
    return {
      ...base,
      state,
      mirrors,
      file: configFile,
      abilities: abilitiesOf(setting),
      ...(version === undefined ? {} : { version }),
      ...followed(record, known ? mirrors : undefined, { first: false }),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  async prepare(route: Route, endpoints: readonly MirrorEndpoint[]): Promise<PreparedSwitch> {
    const found = await findContainerd();
    const problem = containerdProblem(found);
    const mayGoOn = route.length === 0 && found.state === 'stopped';
    if (problem !== undefined && !mayGoOn) throw new ProblemError(problem);
    const record = this.#records.read(this.id);
    const paths = containerdPaths(endpoints, record);
    return planContainerd(route, endpoints, {
      config: await readConfig(),
      folders: await certsFolders(),
      record,
      seen: await seeAll(paths),
      running: found.state === 'found',
      restartable: found.restartable,
      dockerFollows: await dockerFollowsRestart(),
      unread: await configUnread(),
    });
  }

  /** What the running CRI plugin reads: nothing while its `config_path` is not our folder, whatever config.toml says. */
  async liveMirrors(root: HelperLine | undefined): Promise<readonly string[]> {
    const { configPath } = statusSchema.parse(await needed(root).ask({ verb: 'cri-status' }));
    return configPath.split(':')[0] === certsFolder ? containerdMirrors(await certsFolders()) : [];
  }

  async pullForProof(
    { upstream, repository, digest }: ProofImage,
    signal: AbortSignal,
    root: HelperLine | undefined,
  ): Promise<ProofPull> {
    const pulled = `${upstream}/${repository}@${digest}`;
    await needed(root).ask({ verb: 'cri-pull', image: pulled }, signal);
    signal.throwIfAborted();
    return { pulled, fresh: true };
  }

  /** Only where this user becomes root without a password: figures are not worth asking for one. */
  async storage(): Promise<LocalStorage> {
    const problem = containerdProblem(await findContainerd());
    if (problem?.code === 'containerd-absent' || problem?.code === 'containerd-stopped')
      throw new ProblemError(problem);
    const helper = await startHelper(undefined);
    try {
      const { count, bytes, reclaimableBytes } = storageSchema.parse(await helper.ask({ verb: 'cri-storage' }));
      return { images: { count, bytes, reclaimableBytes } };
    } finally {
      await helper.close();
    }
  }

  async #setting(): Promise<{ setting?: 'set' | 'missing'; unusable?: Problem }> {
    try {
      return { setting: configPathIn(await readConfig()) };
    } catch (error) {
      return { unusable: problemOf(error) };
    }
  }
}

function abilitiesOf(setting: 'set' | 'missing' | undefined): Saying[] {
  const restart: Saying[] =
    setting === undefined
      ? []
      : [{ code: setting === 'set' ? 'containerd-never-restarts' : 'containerd-restarts-once' }];
  return [{ code: 'containerd-every-upstream' }, { code: 'containerd-cri-only' }, ...restart];
}

function needed(root: HelperLine | undefined): HelperLine {
  if (root === undefined) throw new Error('containerd can be asked by root alone');
  return root;
}

async function readConfig(): Promise<Uint8Array | undefined> {
  return readableConfig(await see(configFile));
}

/** The bytes of config.toml as it was seen; throws `containerd-config-unreadable` where this user may not read it. */
export function readableConfig(seen: SeenFile): Uint8Array | undefined {
  if (seen !== 'unreadable') return seen;
  return fail({
    code: 'containerd-config-unreadable',
    message: `${configFile} cannot be read by this user, so no diff can be shown. Nothing was changed.`,
    hint: `Let this user read it and its folder (see "ls -ld ${configFile}").`,
  });
}

/** Every folder of certs.d with its file names, without what a killed switch of ours had begun; those that cannot be read count as empty. */
async function certsFolders(): Promise<ReadonlyMap<string, CertsFolder>> {
  const entries = await readdir(certsFolder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((each) => each.isDirectory() || each.isSymbolicLink());
  return new Map(
    await Promise.all(
      folders.map(async ({ name }) => {
        const hosts = await see(`${certsFolder}/${name}/hosts.toml`);
        const files = await readdir(`${certsFolder}/${name}`).catch(() => []);
        return [
          name,
          { files: files.filter((each) => !isUnfinished(each)), hosts: hosts === 'unreadable' ? undefined : hosts },
        ] as const;
      }),
    ),
  );
}
