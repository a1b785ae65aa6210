import { standardPrune } from '../../preload/contract/cache.ts';
import type { NodeSpec } from '../../preload/contract/node.ts';
import type { Host } from '../hosts/host.ts';
import { refusal } from './cache-problem.ts';
import type { Inventory } from './inventory.ts';
import { planPrune } from './prune-plan.ts';

/** What a prune by the standard rule would free, in bytes; 0 where one would be refused. */
export function prunableBytes(spec: Pick<NodeSpec, 'name' | 'base'>, inventory: Inventory): number {
  return refusal(spec, inventory.snapshot) ? 0 : planPrune(inventory, standardPrune).freedBytes;
}

/**
 * Whether a node's cache can be counted without leaving a trace. Only GNU tar reads manifests without touching their read times; with
 * another, counting again and again would keep images that were pulled by digest for ever, because they would seem to be in use.
 */
export async function countsUnnoticed(host: Host, signal: AbortSignal): Promise<boolean> {
  const { code } = await host.run({ argv: ['sh', '-c', 'tar --version 2>/dev/null | grep -q GNU'], signal });
  return code === 0;
}
