import type { PlanStep } from '../../../preload/contract/node.ts';

/** What kind of thing a step of a plan is about, and which: `file:envoy/envoy.yaml` is the file `envoy/envoy.yaml`. */
export type ResourceKind = 'engine' | 'directory' | 'image' | 'file' | 'service' | 'verify' | 'state';
const kinds: readonly ResourceKind[] = ['engine', 'directory', 'image', 'file', 'service', 'verify', 'state'];

export interface PlanRow {
  readonly step: PlanStep;
  readonly kind: ResourceKind | undefined;
  readonly what: string;
}

export function planRow(step: PlanStep): PlanRow {
  const at = step.id.indexOf(':');
  const word = at < 0 ? step.id : step.id.slice(0, at);
  const kind = kinds.find((each) => each === word);
  // An image's id is our name for it; what a person knows is its reference.
  const what = kind === 'image' ? step.resource.replace(/^image /, '') : at < 0 ? '' : step.id.slice(at + 1);
  return { step, kind, what };
}

/** The order in which a plan is read, and how many of each there are: files first need no counting by eye. */
export function planGroups(
  steps: readonly PlanStep[],
): readonly { readonly kind: ResourceKind | undefined; readonly rows: readonly PlanRow[] }[] {
  const groups: { kind: ResourceKind | undefined; rows: PlanRow[] }[] = [];
  for (const row of steps.map(planRow)) {
    const last = groups.at(-1);
    if (last && last.kind === row.kind) last.rows.push(row);
    else groups.push({ kind: row.kind, rows: [row] });
  }
  return groups;
}
