import { resolve } from 'node:path';
import { z } from 'zod';
import { localStorageSchema } from '../../preload/contract/cache.ts';
import { problemSchema } from '../../preload/contract/problem.ts';
import { proofSchema, type RuntimeId, runtimeViewSchema, switchPreviewSchema } from '../../preload/contract/runtime.ts';
import { taskSchema } from '../../preload/contract/task.ts';
import { switchAddress } from '../lab/catalogue.ts';
import { attachLab, type Machine } from '../lab/lab.ts';
import type { DriverRequest } from './runtimes-driver.ts';
import { startTestMirror, type TestMirror } from './runtimes-mirror.ts';

const resultSchema = z.object({
  view: runtimeViewSchema.optional(),
  preview: switchPreviewSchema.optional(),
  task: taskSchema.optional(),
  proof: proofSchema.optional(),
  storage: localStorageSchema.optional(),
  helpers: z.number().optional(),
  cancelledAt: z.number().optional(),
  problem: problemSchema.optional(),
});

type Endpoint = DriverRequest['endpoints'][number];

/** One engine of the lab's laptop, two mirrors that it can be switched between, and the core's part of a switch run there. */
export interface RuntimeStage {
  readonly laptop: Machine;
  /** Serves as the node `tokyo`; its log is the one that is read unless said otherwise. */
  readonly mirror: TestMirror;
  /** Serves as the node `osaka`. */
  readonly other: TestMirror;
  readonly tokyo: Endpoint;
  readonly osaka: Endpoint;
  /** Where it is kept how the engine was left. */
  readonly records: string;
  /** Runs the driver as a user of the laptop. One that was told to die answers with nothing. */
  readonly drive: (
    action: DriverRequest['action'],
    route?: readonly Endpoint[],
    more?: Partial<DriverRequest>,
    user?: string,
  ) => Promise<z.infer<typeof resultSchema>>;
  close(): Promise<void>;
}

/** `password` is what sudo is told on each run that does not say another; none for an engine that needs no rights. */
export async function setRuntimeStage(runtime: RuntimeId, password?: string): Promise<RuntimeStage> {
  const lab = await attachLab();
  const laptop = await lab.machine('laptop');
  const mirror = await startTestMirror(switchAddress);
  const other = await startTestMirror(switchAddress);
  const records = `/home/dev/.local/share/mirrorfleet-${runtime}/switches.json`;
  return {
    laptop,
    mirror,
    other,
    tokyo: endpointOf('tokyo', mirror),
    osaka: endpointOf('osaka', other),
    records,
    async drive(action, route = [], more = {}, user = 'dev') {
      const usual = { action, runtime, records, log: mirror.log, endpoints: [...route], password };
      const request: DriverRequest = { ...usual, ...more };
      const argv = [lab.state.node, resolve(import.meta.dirname, 'runtimes-driver.ts')];
      const done = await laptop.exec(argv, { user, input: JSON.stringify(request), timeoutMs: 120_000 });
      const mayDie = [more.dieAfter, more.dieInProof, more.dieAtChange, more.mayDie].some((each) => each !== undefined);
      if (done.code !== 0 && !mayDie) throw new Error(done.stderr);
      return done.stdout === '' ? {} : resultSchema.parse(JSON.parse(done.stdout));
    },
    async close() {
      await Promise.all([mirror.close(), other.close()]);
    },
  };
}

function endpointOf(node: string, at: TestMirror): Endpoint {
  return {
    node,
    authority: at.authority,
    upstreams: ['docker.io', 'ghcr.io', 'registry.k8s.io'],
    ca: at.ca,
    clientCertificate: at.clientCertificate,
    clientKey: at.clientKey,
  };
}
