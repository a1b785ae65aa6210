import type { PlanStep } from '../../preload/contract/node.ts';
import type { Saying } from '../../preload/contract/saying.ts';
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
): Saying | undefined {
  if (container === undefined) return { code: 'no-container' };
  if (container.state !== 'running') {
    return { code: 'container-not-running', values: { state: container.state } };
  }
  if (changedFiles.length > 0) {
    const code = changedFiles.length === 1 ? 'file-changes' : 'files-change';
    return { code, values: { files: changedFiles.join(', ') } };
  }
  if (recorded === undefined) return { code: 'not-applied-to-end' };
  return recorded === wanted ? undefined : { code: 'definition-changed' };
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
    const because =
      serviceCause(container, observed.state?.services[service], wanted, changed) ??
      (container !== undefined && !exact.has(container.image) ? { code: 'other-image-runs' } : undefined);
    if (because === undefined) continue;
    const alive = container?.state === 'running';
    if (alive) restart.push(service);
    steps.push({
      id: `service:${service}`,
      resource: `service ${service}`,
      action: alive ? 'restart' : 'start',
      because,
      interrupts: alive,
    });
  }
  const orphans = [...new Set(observed.containers.map((each) => each.service))].filter(
    (each) => !Object.hasOwn(hashes, each),
  );
  for (const service of orphans) {
    steps.push({
      id: `service:${service}`,
      resource: `service ${service}`,
      action: 'remove',
      because: { code: 'not-in-compose' },
      interrupts: true,
    });
  }
  return { steps, up: steps.length > 0, restart, orphans, hashes };
}
