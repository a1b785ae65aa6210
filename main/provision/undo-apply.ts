import type { NodeSpec } from '../../preload/contract/node.ts';
import { type Problem, ProblemError, problemOf } from '../../preload/contract/problem.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import { type NodeLayout, pinsPath } from '../fleet/node-layout.ts';
import type { Host } from '../hosts/host.ts';
import type { Log } from '../log/log.ts';
import type { JobContext } from '../tasks/tasks.ts';
import { compose } from './compose.ts';
import type { Observed } from './observed.ts';
import type { NodePlan } from './plan-node.ts';
import { removeContainers, removeFiles } from './remove-node.ts';
import { restoreFiles } from './write-files.ts';

interface Undo {
  readonly host: Host;
  readonly spec: NodeSpec;
  readonly layout: NodeLayout;
  readonly plan: NodePlan;
  readonly observed: Observed;
  readonly log: Log;
}

/**
 * Takes a failed apply back. A new node goes away entirely, but for its images (so that the next try needs no upload) and a cache that was
 * there before; a changed node gets its previous files and containers. Gives the error to throw: the first failure, saying what became of the node.
 */
export async function undoApply(job: JobContext, undo: Undo, cause: Problem): Promise<ProblemError> {
  try {
    const left = undo.plan.fresh ? await removeNew(undo) : await bringBack(undo);
    for (const id of ['files', 'services', 'leftovers']) {
      if (stepRan(undo.plan, id)) job.undone(id, left.note);
    }
    return new ProblemError({ ...cause, message: `${cause.message} ${left.text}` });
  } catch (error) {
    const second = problemOf(error);
    undo.log.error('undo failed', { node: undo.spec.name, cause: cause.code, problem: second.code });
    return new ProblemError({
      ...cause,
      message: `${cause.message} Taking the change back failed too (${second.message}), so the node is half changed.`,
      hint: `${cause.hint} Then apply again: it goes on from whatever is there.`,
      detail: { ...cause.detail, undo: [second.message, ...Object.values(second.detail ?? {})].join('\n') },
    });
  }
}

function stepRan(plan: NodePlan, id: string): boolean {
  switch (id) {
    case 'files':
      return plan.files.write.length > 0 || plan.files.remove.length > 0;
    case 'services':
      return plan.services.up;
    case 'leftovers':
      return plan.services.orphans.length > 0 || plan.files.remove.length > 0;
    default:
      return false;
  }
}

/** What became of the node: for the step as data, for the Problem's message as its English sentence. */
interface Left {
  readonly text: string;
  readonly note: Saying;
}

async function removeNew({ host, spec, plan, observed }: Undo): Promise<Left> {
  await removeContainers(host, spec, observed);
  const cache = observed.directories['data'] === undefined ? 'drop' : 'keep';
  const files = plan.files.write.map((file) => file.path);
  // The list of images we brought stays, so that removing the node later still knows them.
  await removeFiles(host, spec, cache, files, ['.brought', pinsPath]);
  const created = `All that was created on ${host.name} was removed again`;
  const values = { host: host.name };
  return plan.bring.length === 0
    ? { text: `${created}.`, note: { code: 'created-removed', values } }
    : {
        text: `${created}, except images that had come already, which the next try need not bring again.`,
        note: { code: 'created-removed-but-images', values },
      };
}

async function bringBack({ host, layout, plan, observed }: Undo): Promise<Left> {
  const existed = (path: string): boolean => observed.files[path] !== undefined;
  const written = plan.files.write.map(({ path }) => ({
    path,
    verb: existed(path) ? ('restore' as const) : ('delete' as const),
  }));
  const retired = plan.files.remove.map((path) => ({ path, verb: 'restore' as const }));
  await restoreFiles(host, layout.base, [...retired, ...written.toReversed()]);
  if (plan.services.up && existed('compose.yaml')) {
    await compose(host, observed.compose, layout, ['up', '-d', '--remove-orphans']);
    const before = observed.containers.filter(
      (each) => plan.services.restart.includes(each.service) && each.state === 'running',
    );
    if (before.length > 0) {
      await compose(host, observed.compose, layout, ['restart', '-t', '40', ...before.map((each) => each.service)]);
    }
  }
  return {
    text: `The previous files and containers of ${host.name} are back.`,
    note: { code: 'previous-back', values: { host: host.name } },
  };
}
