import { homedir } from 'node:os';
import { join } from 'node:path';
import type { LocalStorage } from '../../preload/contract/cache.ts';
import { type Problem, ProblemError } from '../../preload/contract/problem.ts';
import type { Route, RuntimeView } from '../../preload/contract/runtime.ts';
import { followed } from './followed.ts';
import { interruptedSwitch } from './interrupted-switch.ts';
import { askPodman, lastLine, type PodmanInfo, podmanServiceRuns, readPodmanInfo } from './podman-command.ts';
import { dropInPath, planPodman, podmanMirrors, podmanPaths } from './podman-plan.ts';
import { podmanImages, pullWithPodman } from './podman-pull.ts';
import type { MirrorEndpoint, PreparedSwitch, ProofImage, ProofPull, Runtime } from './runtime.ts';
import { seeAll } from './seen-file.ts';
import type { SwitchRecords } from './switch-records.ts';

interface PodmanFound {
  readonly state: RuntimeView['state'];
  readonly info?: PodmanInfo;
  readonly problem?: Problem;
}

/** This user's own Podman (rootless where the user is not root), and with it buildah and skopeo, which read the same files. */
export class Podman implements Runtime {
  readonly id = 'podman' as const;
  readonly engine = 'Podman';
  readonly userAgent = 'containers/';
  readonly provesAsRoot = false;
  readonly #records: SwitchRecords;
  readonly #folder: string;

  /** XDG_CONFIG_HOME is not looked at: podman 4.3.1 does not use it for these files. */
  constructor(records: SwitchRecords, home: string = homedir()) {
    this.#records = records;
    this.#folder = join(home, '.config/containers');
  }

  async inspect(): Promise<RuntimeView> {
    const { state, info, problem } = await this.#find();
    const mirrors = info === undefined ? [] : podmanMirrors(info.registries);
    const base = { id: this.id, engine: this.engine, mirrors };
    if (state === 'absent') return { ...base, state };
    const { record, damaged } = this.#records.look(this.id);
    const file = dropInPath(this.#folder);
    const trouble = problem ?? damaged ?? interruptedSwitch(this, record, { file, direct: 'take ours away' });
    return {
      ...base,
      state,
      file,
      abilities: [
        { code: 'podman-every-upstream' },
        { code: info?.rootless === false ? 'podman-of-root' : 'podman-of-this-user' },
      ],
      ...(info === undefined ? {} : { version: info.version }),
      ...followed(record, info && mirrors, { first: false }),
      ...(trouble === undefined ? {} : { problem: trouble }),
    };
  }

  async prepare(route: Route, endpoints: readonly MirrorEndpoint[]): Promise<PreparedSwitch> {
    const { info, problem } = await this.#find();
    if (problem !== undefined || info === undefined) throw new ProblemError(problem ?? absent);
    const record = this.#records.read(this.id);
    const paths = podmanPaths(this.#folder, endpoints, record);
    return planPodman(route, endpoints, {
      folder: this.#folder,
      live: info.registries,
      record,
      seen: await seeAll(paths),
      service: await podmanServiceRuns(),
    });
  }

  async liveMirrors(): Promise<readonly string[]> {
    const { info, problem } = await this.#find();
    if (info === undefined) throw new ProblemError(problem ?? absent);
    return podmanMirrors(info.registries);
  }

  pullForProof(image: ProofImage, signal: AbortSignal): Promise<ProofPull> {
    return pullWithPodman(image, signal);
  }

  /** `podman system df` of 4.3.1 counts an image once for each of its names; by id it is one. Layers that images share count in each. */
  async storage(): Promise<LocalStorage> {
    const { info, problem } = await this.#find();
    if (info === undefined) throw new ProblemError(problem ?? absent);
    const images = [...(await podmanImages()).values()];
    const sum = (list: typeof images): number => list.reduce((total, { bytes }) => total + bytes, 0);
    return {
      images: {
        count: images.length,
        bytes: sum(images),
        reclaimableBytes: sum(images.filter(({ used }) => !used)),
      },
    };
  }

  async #find(): Promise<PodmanFound> {
    const answer = await askPodman(['info', '--format', 'json']);
    if (answer.code === 'missing') return { state: 'absent', problem: absent };
    if (answer.code !== 0) return { state: 'found', problem: doesNotWork(lastLine(answer.stderr), answer.stderr) };
    let info: PodmanInfo;
    try {
      info = readPodmanInfo(answer.stdout);
    } catch (cause) {
      return {
        state: 'found',
        problem: doesNotWork('what "podman info" says is in a form not known here', String(cause)),
      };
    }
    const problem = podmanProblem(info);
    return { state: 'found', info, ...(problem === undefined ? {} : { problem }) };
  }
}

/** Why this podman cannot be switched, undefined where it can. Pure. */
export function podmanProblem({ version, remote }: PodmanInfo): Problem | undefined {
  if (remote)
    return {
      code: 'podman-remote-not-yet',
      message:
        'This podman talks to a machine or another computer, whose files are not written yet. Nothing was changed.',
      hint: 'Choose another engine for now.',
      retryable: false,
    };
  if (Number(/^\d+/.exec(version)?.[0] ?? 0) < 4)
    return {
      code: 'podman-too-old',
      message: `Podman ${version} is older than 4.0. Nothing was changed.`,
      hint: 'Update Podman.',
      retryable: false,
    };
  return undefined;
}

function doesNotWork(reason: string, podman: string): Problem {
  return {
    code: 'podman-does-not-work',
    message: `podman is there but does not work: ${reason.replace(/\.$/, '')}. Nothing was changed.`,
    hint: 'Try "podman info" by hand: most often one of its configuration files is broken, or it is older than 4.0.',
    retryable: true,
    detail: { podman: podman.slice(-2000) },
  };
}

const absent: Problem = {
  code: 'podman-absent',
  message: 'There is no Podman on this computer. Nothing was changed.',
  hint: 'Install Podman, then try again.',
  retryable: false,
};
