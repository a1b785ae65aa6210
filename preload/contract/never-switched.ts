import type { Problem } from './problem.ts';

/** What an engine is, not what happens to be wrong with it: nothing a person does to the engine as it stands makes a switch possible. */
const never: ReadonlySet<string> = new Set([
  'docker-is-podman',
  'docker-vm-not-yet',
  'docker-rootless-not-yet',
  'docker-snap-not-yet',
  'docker-containerd-store',
  'docker-too-old',
  'docker-not-local',
  'docker-config-elsewhere',
  'containerd-config-elsewhere',
  'containerd-version-not-yet',
  'containerd-cri-disabled',
  'podman-remote-not-yet',
  'podman-too-old',
]);

/** Whether an engine with this problem can never be switched as it is, so that a switch of all leaves it out instead of failing there. */
export function neverSwitched(problem: Pick<Problem, 'code'> | undefined): boolean {
  return problem !== undefined && never.has(problem.code);
}
