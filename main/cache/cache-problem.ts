import type { NodeSpec } from '../../preload/contract/node.ts';
import { ProblemError } from '../../preload/contract/problem.ts';
import { nodeLayout } from '../fleet/node-layout.ts';
import type { CommandResult } from '../hosts/host.ts';
import type { CacheSnapshot } from './cache-snapshot.ts';
import { pinName } from './pin-names.ts';

/** The Problem of a cache script that ended with a code other than 0; the codes are the scripts' own. */
export function cacheProblem(node: string, result: CommandResult): ProblemError {
  const said = result.stderr.trim().slice(-2000);
  const detail = said === '' ? {} : { detail: { output: said } };
  const problem = (code: string, message: string, hint: string, retryable = false): ProblemError =>
    new ProblemError({ code, message, hint, retryable, ...detail });
  switch (result.code) {
    case 10:
      return problem(
        'node-not-applied',
        `${node} has no cache on its machine yet.`,
        `Set it up first: mirrorfleet node apply ${node}`,
      );
    case 11:
      return problem(
        'tool-missing',
        `${node} lacks the program ${said.split('\n')[0] ?? ''}, which counting and pruning its cache need; nothing was changed.`,
        'Install it with the package manager of that machine and try again.',
      );
    case 12:
      return problem(
        'no-temporary-folder',
        `${node} could not make a temporary folder; nothing was changed.`,
        'Look for a full or read-only /tmp on that server (df -h /tmp; df -i /tmp), free a little and try again.',
      );
    case 13:
      return descriptorCacheProblem(node, said);
    case 15:
      return problem(
        'cache-unreadable',
        `Part of the cache of ${node} could not be read, so no cached file was removed.`,
        'Look at the server for a damaged disk, then try again; a prune finds whatever was left over.',
      );
    case 16:
      return problem(
        'pins-changed',
        `The pins of ${node} changed after this prune was decided, so nothing was removed.`,
        'Prune again: what is pinned now stays.',
        true,
      );
    case 75:
      return problem(
        'node-busy',
        `${node} is being pruned or applied by someone else right now; nothing was changed.`,
        'Wait until that is done and try again.',
        true,
      );
    default:
      return problem(
        'cache-command-failed',
        `The cache of ${node} could not be worked on (the command ended with ${result.code}).`,
        'The detail has what the server said. Pruning can be repeated safely.',
      );
  }
}

/** Why a cache that was listed must not be pruned; undefined where it may. */
export function refusal(
  spec: Pick<NodeSpec, 'name' | 'base'>,
  { descriptorCaches, unclearPins, pins }: CacheSnapshot,
): ProblemError | undefined {
  if (descriptorCaches.length > 0) return descriptorCacheProblem(spec.name, descriptorCaches.join('\n'));
  const unclear = [...unclearPins.map((line) => `line ${line}`), ...pins.filter((pin) => pinName(pin) === undefined)];
  return unclear.length > 0 ? unclearPinsProblem(spec, unclear) : undefined;
}

/** The file of pins says something that is no pin: what its writer meant to keep is not known, so nothing may go. */
export function unclearPinsProblem(spec: Pick<NodeSpec, 'name' | 'base'>, unclear: readonly string[]): ProblemError {
  const { pinsFile } = nodeLayout(spec);
  return new ProblemError({
    code: 'pins-unclear',
    message: `The pins of ${spec.name} cannot all be understood (${unclear.slice(0, 3).join(', ')}), so nothing was removed.`,
    hint: `Correct ${pinsFile} on the server: one image or repository a line, such as docker.io/library/nginx:alpine; # begins a comment.`,
    retryable: false,
  });
}

/** A registry of the node keeps descriptors in memory: deleting under it makes it answer 200 with empty bodies (distribution#2367). */
export function descriptorCacheProblem(node: string, files: string): ProblemError {
  return new ProblemError({
    code: 'registry-cache-enabled',
    message: `A registry of ${node} has a \`cache:\` block in its configuration; pruning under it would break pulls, so nothing was removed.`,
    hint: `Let Mirrorfleet write the configuration again: mirrorfleet node apply ${node}`,
    retryable: false,
    ...(files === '' ? {} : { detail: { files: files.slice(0, 2000) } }),
  });
}
