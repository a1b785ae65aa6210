import type { PlanStep } from '../../preload/contract/node.ts';
import type { FileChange } from '../../preload/contract/runtime.ts';
import type { Observed } from './observed.ts';
import type { NodePlan } from './plan-node.ts';

/** What the journal calls the actions of a plan's step on a file; a `reload` changes no file. */
const actions: Readonly<Partial<Record<PlanStep['action'], FileChange['action']>>> = {
  create: 'create',
  change: 'change',
  remove: 'delete',
};

/** The files a plan changes, with their paths on the node. Where a diff is not shown (a secret, a file that is no text), its cause stands there. Pure. */
export function changesOf(base: string, steps: readonly PlanStep[]): FileChange[] {
  return steps.flatMap((step) => {
    const path = /^file:(.+)$/.exec(step.id)?.[1];
    const action = actions[step.action];
    if (path === undefined || action === undefined) return [];
    const change = { path: `${base}/${path}`, action };
    return step.diff === undefined
      ? [{ ...change, diff: '', because: step.because }]
      : [{ ...change, diff: step.diff }];
  });
}

/** Whether removing the node would give back exactly what was there before this plan: no folder, no cache, no packages. Pure. */
export function leavesNothingBehind(plan: NodePlan, observed: Pick<Observed, 'base'>): boolean {
  return plan.fresh && !plan.install && observed.base === 'absent';
}
