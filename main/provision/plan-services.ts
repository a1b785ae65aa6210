import type { PlanStep } from '../../preload/contract/node.ts';
import { configurationFiles, serviceHashes } from './desired.ts';
import { type ImageStandings, imageNames } from './image-identity.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import type { NodeFile } from './render/node-files.ts';

export interface ServiceWork {
  readonly steps: readonly PlanStep[];
  /** Compose has to be called at all. */
  readonly up: boolean;
  /** Services whose container must begin anew even where Compose sees no change (a file it reads only at start changed). */
  readonly restart: readonly string[];
  /** Services that have containers and are no longer wanted. */
  readonly orphans: readonly string[];
  readonly hashes: Readonly<Record<string, string>>;
}

/** Why a service's container must change; undefined where it runs what it should. */
function serviceCause(
  container: ObservedContainer | undefined,
  recorded: string | undefined,
  wanted: string,
  changedFiles: readonly string[],
): string | undefined {
  if (container === undefined) return 'no container';
  if (container.state !== 'running') return `its container is ${container.state}`;
  if (changedFiles.length > 0) return `${changedFiles.join(', ')} ${changedFiles.length === 1 ? 'changes' : 'change'}`;
  if (recorded === undefined) return 'no finished apply says that it runs this configuration';
  return recorded === wanted ? undefined : 'its definition changed';
}

/** The containers to start, renew or remove. Compose itself decides what of a definition needs a new container. */
export function planServices(
  files: readonly NodeFile[],
  written: readonly NodeFile[],
  standings: ImageStandings,
  observed: Observed,
): ServiceWork {
  const hashes = serviceHashes(files);
  const steps: PlanStep[] = [];
  const restart: string[] = [];
  const exact = new Set<string>();
  for (const name of imageNames) {
    const standing = standings[name];
    if (standing.kind === 'present') exact.add(standing.record.identity).add(standing.record.id);
  }
  for (const [service, wanted] of Object.entries(hashes)) {
    const container = observed.containers.find((each) => each.service === service);
    const changed = configurationFiles(written, service).map((file) => file.path);
    const cause =
      serviceCause(container, observed.state?.services[service], wanted, changed) ??
      (container !== undefined && !exact.has(container.image) ? 'it runs another image' : undefined);
    if (cause === undefined) continue;
    const alive = container?.state === 'running';
    if (alive) restart.push(service);
    steps.push({
      id: `service:${service}`,
      resource: `service ${service}`,
      action: alive ? 'restart' : 'start',
      cause,
      interrupts: alive,
    });
  }
  const orphans = [...new Set(observed.containers.map((each) => each.service))].filter((each) => !(each in hashes));
  for (const service of orphans) {
    steps.push({
      id: `service:${service}`,
      resource: `service ${service}`,
      action: 'remove',
      cause: 'no longer in compose.yaml',
      interrupts: true,
    });
  }
  return { steps, up: steps.length > 0, restart, orphans, hashes };
}
