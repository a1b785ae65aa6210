import type { Problem } from '../../preload/contract/problem.ts';
import type { Runtime } from './runtime.ts';
import type { SwitchRecord } from './switch-records.ts';

/** The engine's main file of ours, with what else is known of it, and what `switch … direct` does about it, in words. */
export interface HalfWay {
  readonly file: string;
  readonly sha256?: string;
  readonly direct: string;
}

/** Says that the last switch of an engine never ended; undefined where it did. Pure. */
export function interruptedSwitch(
  { id, engine }: Pick<Runtime, 'id' | 'engine'>,
  record: SwitchRecord | undefined,
  { direct, ...detail }: HalfWay,
): Problem | undefined {
  if (record?.state !== 'switching') return undefined;
  const route = record.route.join(', ') || 'direct';
  return {
    code: 'switch-interrupted',
    message: `A switch of ${engine} to ${route} was interrupted; ${detail.file} and what belongs to it may be half-way.`,
    hint: `Run "mirrorfleet switch ${id} direct" to ${direct}, or switch again.`,
    retryable: false,
    detail,
  };
}
