import type { NodeSpec, Plan, PlanStep } from '../../preload/contract/node.ts';
import { type Problem, fail } from '../../preload/contract/problem.ts';
import { isKeptBeside } from '../fleet/node-layout.ts';
import { strangersIn } from './base-folder.ts';
import { type Desired, sha256 } from './desired.ts';
import { type ImageName, type ImageStandings, imageNames } from './image-identity.ts';
import type { Observed } from './observed.ts';
import { type FileWork, planDirectories, planFiles } from './plan-files.ts';
import { type ServiceWork, planServices } from './plan-services.ts';
import type { NodeDirectory } from './render/node-files.ts';

export interface PlanInput {
  readonly spec: NodeSpec;
  readonly desired: Desired;
  readonly standings: ImageStandings;
  readonly observed: Observed;
  readonly installEngine: boolean;
}

/** The plan a person sees and, beside it, the same as work for the one who carries it out. */
export interface NodePlan {
  readonly plan: Plan;
  readonly install: boolean;
  readonly make: readonly NodeDirectory[];
  readonly bring: readonly ImageName[];
  readonly files: FileWork;
  readonly services: ServiceWork;
  /** Nothing of a node was there: what an undo takes back is everything. */
  readonly fresh: boolean;
}

/** What stands in the way of any plan is a Problem here, with nothing touched. */
function refuseWhatCannotBe({ spec, observed, installEngine }: PlanInput): void {
  if (observed.base === 'link' || observed.base === 'file' || observed.base === 'unreadable') {
    const found = { link: 'a symbolic link', file: 'a file', unreadable: 'a folder that cannot be entered' }[
      observed.base
    ];
    fail({
      code: 'base-unusable',
      message: `The node's folder on ${spec.name} is ${found}; nothing was changed.`,
      hint: 'Move it away, or choose another folder for this node with its base setting.',
    });
  }
  const strangers = isFresh(observed) ? strangersIn(observed) : [];
  if (strangers.length > 0) {
    fail({
      code: 'foreign-files',
      message: `The node's folder on ${spec.name} holds things that are not Mirrorfleet's (${strangers.slice(0, 5).join(', ')}); nothing was changed.`,
      hint: 'Choose an empty folder for this node (base), or move these away.',
      detail: { found: strangers.slice(0, 100).join('\n') },
    });
  }
  if (installEngine) return;
  const name = spec.name;
  if (observed.docker === 'absent') {
    fail({
      code: 'engine-missing',
      message: `${name} has no Docker; nothing was changed.`,
      hint: `Let Mirrorfleet install the distribution's packages: mirrorfleet node apply ${name} --install-engine`,
    });
  }
  if (observed.docker === 'stopped') {
    fail({
      code: 'engine-stopped',
      message: `Docker is installed on ${name} but does not answer; nothing was changed.`,
      hint: 'Start it there (sudo systemctl start docker) and look at sudo journalctl -u docker if it will not stay up.',
    });
  }
  if (observed.compose === 'absent') {
    fail({
      code: 'compose-missing',
      message: `${name} has Docker but no Compose; nothing was changed.`,
      hint: `Let Mirrorfleet install the distribution's package: mirrorfleet node apply ${name} --install-engine`,
    });
  }
}

/** What an unfinished plan is compared by: everything observed except what moves by itself (ages, clocks, counters). */
function fingerprint(observed: Observed): string {
  // The base's own existence is left out: taking the lock makes it.
  const { roundTrips: _trips, base: _base, edge, lock: _lock, files, directories, ...rest } = observed;
  const planned = [...Object.entries(files), ...Object.entries(directories)].filter(([path]) => !isKeptBeside(path));
  const versions = edge === undefined ? undefined : { ...edge, refusals: 0 };
  return JSON.stringify({ ...rest, files: planned, edge: versions, state: observed.state?.at });
}

function imageSteps(standings: ImageStandings): { steps: PlanStep[]; bring: ImageName[] } {
  const bring: ImageName[] = [];
  const steps: PlanStep[] = [];
  for (const name of imageNames) {
    const standing = standings[name];
    if (standing.kind === 'present') continue;
    bring.push(name);
    const { reference, archive } = standing.source;
    steps.push({
      id: `image:${name}`,
      resource: `image ${reference}`,
      action: 'pull',
      because:
        archive === undefined ? { code: 'image-missing' } : { code: 'image-missing-archive', values: { archive } },
      interrupts: false,
    });
  }
  return { steps, bring };
}

/**
 * What has to be done so that the machine is what the spec says, in order, each with its cause. Pure: the same input gives the same plan,
 * and a node that is as it should be gives an empty one. An apply that broke off is nothing special: what it did is observed, the rest is planned.
 */
export function planNode(input: PlanInput): NodePlan {
  refuseWhatCannotBe(input);
  const { spec, desired, standings, observed } = input;
  const install = input.installEngine && (observed.docker !== 'running' || observed.compose === 'absent');
  const directories = planDirectories(desired.directories, observed);
  const images = imageSteps(standings);
  const files = planFiles(desired.files, observed);
  const services = planServices(desired.files, files.write, standings, observed);
  const steps: PlanStep[] = [];
  if (install) {
    steps.push({
      id: 'engine',
      resource: 'packages of Docker and Compose',
      action: 'install',
      because: {
        code:
          observed.docker === 'absent'
            ? 'no-engine'
            : observed.compose === 'absent'
              ? 'no-compose'
              : 'engine-not-running',
      },
      interrupts: false,
    });
  }
  steps.push(...directories.steps, ...images.steps, ...files.steps, ...services.steps);
  if (steps.length > 0 || stateDiffers(input)) {
    steps.push({
      id: 'verify',
      resource: `node ${spec.name}`,
      action: 'verify',
      because: { code: 'verify-from-here' },
      interrupts: false,
    });
    steps.push({
      id: 'state',
      resource: 'file state.json',
      action: observed.files['state.json'] === undefined ? 'create' : 'change',
      because: { code: observed.files['state.json'] === undefined ? 'no-such-file' : 'remembers-apply' },
      interrupts: false,
    });
  }
  const warnings = lockWarning(observed, spec.name);
  return {
    plan: {
      node: spec.name,
      hash: sha256(`${JSON.stringify(steps)}\n${fingerprint(observed)}`),
      steps,
      warnings,
      roundTrips: observed.roundTrips,
    },
    install,
    make: directories.make,
    bring: images.bring,
    files,
    services,
    fresh: isFresh(observed),
  };
}

/** Whether this machine never was a node, or is one no more. */
function isFresh({ state, containers, files }: Observed): boolean {
  return state === undefined && containers.length === 0 && files['compose.yaml'] === undefined;
}

/** State that a node remembers and that others rely on. */
function stateDiffers({ spec, observed }: PlanInput): boolean {
  const { state } = observed;
  if (state === undefined) return true;
  const relevant = (each: NodeSpec): string => JSON.stringify([each.name, each.upstreams, each.address, each.port]);
  return relevant(state.spec) !== relevant(spec);
}

function lockWarning(observed: Observed, name: string): Problem[] {
  const { lock } = observed;
  if (lock === undefined) return [];
  return [
    {
      code: 'node-locked',
      message: `${lock.who} has been working on ${name} since ${lock.when} (${lock.why}).`,
      hint: 'Wait until that is done; a lock without a sign of life for 2 minutes is taken over by itself, and --break-lock takes any.',
      retryable: true,
    },
  ];
}
