import type { StoredName } from './leftovers.ts';
import type { PrunePlan } from './prune-plan.ts';
import { isHex, isRepository, isStorage, isTag } from './stored-names.ts';

/**
 * A plan as the prune script reads it. Every name is checked once more on its way out: a name that is not one is a bug here, because
 * the parser lets none in, and it must never reach a root shell's `rm`.
 */
export function pruneOrder(plan: PrunePlan, at: string): string {
  const lines = [
    ...plan.tags.map((each) => line('T', each, isTag)),
    ...plan.revisions.map((each) => line('R', each, isHex)),
    ...plan.layers.map((each) => line('L', each, isHex)),
    ...plan.blobs.map((hex) => {
      if (!isHex(hex)) throw new Error('A blob to prune has no digest for a name.');
      return `B ${hex}`;
    }),
  ];
  return [`mirrorfleet-prune 1 ${at}`, ...lines, `end ${lines.length}`, ''].join('\n');
}

/** The path below the data folder that the script reports for a kept tag or revision. */
export function keptPath(kind: 'tags' | 'revisions/sha256', { storage, repository, name }: StoredName): string {
  return `${storage}/docker/registry/v2/repositories/${repository}/_manifests/${kind}/${name}`;
}

function line(
  kind: 'T' | 'R' | 'L',
  { storage, repository, name }: StoredName,
  check: (name: string) => boolean,
): string {
  if (!isStorage(storage) || !isRepository(repository) || !check(name)) throw new Error('A name to prune is not one.');
  return `${kind} ${storage} ${repository} ${name}`;
}
