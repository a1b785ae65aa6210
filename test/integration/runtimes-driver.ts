import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { assertNever } from '../../preload/contract/assert-never.ts';
import { problemOf } from '../../preload/contract/problem.ts';
import { edgeLogLineSchema } from '../../main/fleet/edge-log.ts';
import { Secret } from '../../main/log/secret.ts';
import { runtimeIdSchema, type RuntimeId } from '../../preload/contract/runtime.ts';
import { Containerd } from '../../main/runtimes/containerd.ts';
import { Docker } from '../../main/runtimes/docker.ts';
import { startHelper } from '../../main/runtimes/elevation.ts';
import { Podman } from '../../main/runtimes/podman.ts';
import type { Runtime } from '../../main/runtimes/runtime.ts';
import { previewOf, runSwitch } from '../../main/runtimes/switch.ts';
import { SwitchRecords } from '../../main/runtimes/switch-records.ts';
import { Tasks } from '../../main/tasks/tasks.ts';
import { append, watchChanges } from './mortal-files.ts';

/**
 * The runtimes as the core uses them, in a process of its own on the laptop and as its ordinary user: a request on standard input, the
 * result on standard output. `log` is where the test's edge tells what it was asked.
 */
const requestSchema = z.object({
  action: z.enum(['inspect', 'preview', 'switch', 'storage']),
  runtime: runtimeIdSchema.default('docker'),
  records: z.string(),
  endpoints: z.array(
    z.object({
      node: z.string(),
      authority: z.string(),
      upstreams: z.array(z.string()),
      ca: z.string(),
      clientCertificate: z.string(),
      clientKey: z.string(),
    }),
  ),
  password: z.string().optional(),
  log: z.string(),
  /** The process dies by SIGKILL when this many requests went to the helper. */
  dieAfter: z.number().optional(),
  /** The process dies by SIGKILL when the proof begins. */
  dieInProof: z.boolean().optional(),
  /** The process dies by SIGKILL at this point of its own changes of the disk (0: at none) and writes those it came by into the file. */
  dieAtChange: z.object({ point: z.number(), file: z.string() }).optional(),
  /** The program that becomes root, where it is not the product's own helper. */
  helper: z.string().optional(),
  /** Someone else may kill the process. */
  mayDie: z.boolean().optional(),
  /** A switch looks at the engine before it begins. */
  look: z.boolean().optional(),
  /** The task is cancelled when the proof asks the edge for its log. */
  cancel: z.boolean().optional(),
  /** The task is cancelled when the edge tells of a pull that it does not answer (499). */
  cancelInPull: z.boolean().optional(),
});
export type DriverRequest = z.input<typeof requestSchema>;

function runtimeOf(id: RuntimeId, records: SwitchRecords): Runtime {
  switch (id) {
    case 'docker':
      return new Docker(records);
    case 'podman':
      return new Podman(records);
    case 'containerd':
      return new Containerd(records);
    default:
      return assertNever(id);
  }
}

async function main(): Promise<object> {
  const request = requestSchema.parse(JSON.parse(await text(process.stdin)));
  const { dieAtChange } = request;
  if (dieAtChange !== undefined)
    watchChanges((point, name) => {
      append(dieAtChange.file, `${name}\n`);
      if (point === dieAtChange.point) process.kill(process.pid, 'SIGKILL');
    });
  const records = new SwitchRecords(request.records);
  const runtime = runtimeOf(request.runtime, records);
  const endpoints = request.endpoints.map((each) => ({ ...each, clientKey: new Secret(each.clientKey) }));
  const route = endpoints.map(({ node }) => node);
  if (request.action === 'inspect') return { view: await runtime.inspect() };
  if (request.action === 'storage') return { storage: await runtime.storage() };
  if (request.action === 'preview') return { preview: previewOf(await runtime.prepare(route, endpoints)) };
  const view = request.look === true ? await runtime.inspect() : undefined;
  const program = request.helper === undefined ? undefined : { node: process.execPath, helper: request.helper };
  let helpers = 0;
  let asked = 0;
  let proof: object | undefined;
  let cancelledAt: number | undefined;
  const requests = async () => z.array(edgeLogLineSchema).parse(await (await fetch(request.log)).json());
  const cancelInPull = async (): Promise<void> => {
    while (!(await requests()).some(({ status }) => status === 499))
      await new Promise((resolve) => setTimeout(resolve, 50));
    cancelledAt = Date.now();
    tasks.cancel(tasks.running[0]?.id ?? '');
  };
  const tasks: Tasks = new Tasks((running) => {
    if (!running.steps.some(({ id, state }) => id === 'proof' && state === 'running')) return;
    if (request.dieInProof === true) process.kill(process.pid, 'SIGKILL');
    if (request.cancel === true) tasks.cancel(running.id);
  });
  const task = await tasks.run(
    { kind: 'switch', subject: runtime.id, title: `Switch ${runtime.id}` },
    async (context) => {
      proof = await runSwitch({
        runtime,
        route,
        endpoints,
        task: context,
        records,
        openHelper: async () => {
          helpers += 1;
          const line = await startHelper(
            request.password === undefined ? undefined : new Secret(request.password),
            program,
          );
          return {
            close: () => line.close(),
            ask: async (question, signal) => {
              if (request.cancelInPull === true && 'verb' in question && question.verb === 'cri-pull')
                void cancelInPull();
              const answer = await line.ask(question, signal);
              asked += 1;
              if (asked === request.dieAfter) process.kill(process.pid, 'SIGKILL');
              return answer;
            },
          };
        },
        edgeRequests: async (_, since) => {
          return (await requests()).filter((line) => Date.parse(line.time) >= since - 2000);
        },
      });
    },
  );
  return { view, task, helpers, proof, cancelledAt };
}

try {
  process.stdout.write(JSON.stringify(await main()));
} catch (error) {
  process.stdout.write(JSON.stringify({ problem: problemOf(error) }));
}
