import type { NodeSpec } from '../../preload/contract/node.ts';
import { fail } from '../../preload/contract/problem.ts';
import { nodeLayout } from '../fleet/node-layout.ts';
import type { Host } from '../hosts/host.ts';
import type { Secret } from '../log/secret.ts';
import { checkBase } from './base-folder.ts';
import { askEdge } from './edge-stats.ts';
import type { NodeImages } from './image-identity.ts';
import type { Observed } from './observed.ts';
import { parseObservation } from './parse-observation.ts';
import { observeScript } from './remote-scripts.ts';
import { renderDirectories } from './render/render-node-files.ts';

/** Observing a machine takes well below a second; a server that takes longer than this is ill. Milliseconds. */
const observeTimeout = 60_000;

/**
 * Looks at a node's machine, and for these images there: one command, and beside it, with `metricsToken`, one connection
 * to the edge's metrics on that machine's loopback. Changes nothing.
 * Problems: those of {@link Host}, `base-unusable`, `server-answer-unreadable`, `observe-failed`.
 */
export async function observeNode(
  host: Host,
  spec: NodeSpec,
  images?: NodeImages,
  metricsToken?: Secret,
): Promise<Observed> {
  const layout = nodeLayout(spec);
  checkBase(layout.base);
  const before = host.roundTrips;
  const folders = renderDirectories({ spec }).map((each) => each.path);
  // Without images to look for, a name that no image can have.
  const references = images === undefined ? ['-', '-'] : [images.registry.reference, images.envoy.reference];
  const [result, edge] = await Promise.all([
    host.run({
      argv: ['sh', '-c', observeScript, 'sh', layout.base, layout.project, ...references, ...folders],
      elevated: true,
      timeoutMs: observeTimeout,
    }),
    metricsToken === undefined ? undefined : askEdge(host, { port: layout.metricsPort, token: metricsToken }),
  ]);
  if (result.code !== 0) {
    fail({
      code: 'observe-failed',
      message: `${host.name} could not be looked at (exit ${result.code}); nothing was changed.`,
      hint: 'The detail says what its shell answered. A full or read-only /tmp is the usual reason.',
      detail: { output: result.stderr.slice(-2000) || '(nothing)' },
    });
  }
  const found = parseObservation(result.stdout, host.name);
  return { ...found, ...(edge === undefined ? {} : { edge }), roundTrips: host.roundTrips - before };
}
