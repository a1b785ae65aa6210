import type { Command, CommandResult, Host } from '../../../main/hosts/host.ts';
import { localHost } from '../../../main/hosts/local-host.ts';
import { Tasks } from '../../../main/tasks/tasks.ts';
import type { StepReport } from '../../../main/tasks/tasks.ts';
import { type Problem, problemOf } from '../../../preload/contract/problem.ts';

/** A server that answers each command as told, and runs none. */
export function answering(answer: (command: Command) => Partial<CommandResult>): Host {
  const run = async (command: Command): Promise<CommandResult> => ({
    code: 0,
    stdout: '',
    stderr: '',
    ...answer(command),
  });
  return { ...localHost('tokyo'), name: 'tokyo', roundTrips: 0, run, close: async () => {} };
}

/** The Problem that a promise is rejected with; `nothing` where it is not. */
export async function problemFrom(work: Promise<unknown>): Promise<Problem> {
  try {
    await work;
  } catch (error) {
    return problemOf(error);
  }
  return { code: 'nothing', message: 'Nothing went wrong.', hint: '-', retryable: false };
}

/** Runs something as the step of a task and gives the Problem it ended with. */
export async function problemOfStep(
  body: (report: StepReport, signal: AbortSignal) => Promise<unknown>,
): Promise<Problem> {
  let problem: Problem | undefined;
  await new Tasks(() => {}).run({ kind: 'node-apply', subject: 'tokyo', title: 'apply' }, async (job) => {
    problem = await job.step('observe', 'Look', (report) => problemFrom(body(report, job.signal)));
  });
  return problem ?? problemOf(new Error('the task did not run'));
}
