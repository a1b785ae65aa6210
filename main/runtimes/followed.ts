import type { Proof, Route } from '../../preload/contract/runtime.ts';
import type { SwitchRecord } from './switch-records.ts';

/**
 * The route an engine follows, by what is on record and the mirrors it uses, with the proof of it. Undefined where its mirrors are not ours
 * alone, where a switch of ours never ended, and where the mirrors are not known (undefined). `first`: the engine asks its mirrors in one
 * order, and ours must lead it. Pure.
 */
export function followed(
  record: SwitchRecord | undefined,
  mirrors: readonly string[] | undefined,
  { first }: { readonly first: boolean },
): { route?: Route; proof?: Proof } {
  if (mirrors === undefined) return {};
  const ours = record?.mirrors ?? [];
  const used = ours.every((each, at) => (first ? mirrors[at] === each : mirrors.includes(each)));
  if (record?.state === 'switched' && ours.length > 0 && used)
    return { route: record.route, ...(record.proof ? { proof: record.proof } : {}) };
  return mirrors.length === 0 ? { route: [] } : {};
}
