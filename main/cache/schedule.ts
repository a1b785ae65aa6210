import { createTwoFilesPatch } from 'diff';
import type { Schedule, ScheduleView } from '../../preload/contract/cache.ts';
import type { NodeSpec } from '../../preload/contract/node.ts';
import { ProblemError, fail, problemOf } from '../../preload/contract/problem.ts';
import type { FileChange } from '../../preload/contract/runtime.ts';
import { nodeLayout } from '../fleet/node-layout.ts';
import type { CommandResult, Host } from '../hosts/host.ts';
import type { JobContext } from '../tasks/tasks.ts';
import { cacheProblem } from './cache-problem.ts';
import { parseLastRun, parseRules, printRules } from './schedule-rules.ts';
import { decisionFile, listFile, removeFile, scheduleFile } from './schedule-scripts.ts';
import { showTimerScript, startTimerScript, stopTimerScript, timerFiles, timerName } from './schedule-timer.ts';

type Node = Pick<NodeSpec, 'name' | 'base'>;

const timeout = 60_000;

/** The schedule of a node as it is found there, in one round trip. Throws `node-not-applied`, `schedule-unclear`. */
export async function showSchedule(host: Host, spec: Node): Promise<ScheduleView> {
  const { view, rules } = await look(host, spec);
  return rules === undefined ? view : { ...view, schedule: parseRules(spec.name, rules) };
}

/**
 * Puts a schedule on a node: the scripts and rules into its folder, then a timer of systemd or an entry of cron. Setting it again
 * changes the rules and keeps the log. Throws `no-timer` where nothing on the machine could start it; of a first one nothing is left then.
 */
export async function putSchedule(host: Host, spec: Node, schedule: Schedule, job: JobContext): Promise<void> {
  const { folder } = nodeLayout(spec).schedule;
  const before = await job.step('schedule-look', 'Look at the schedule', () => look(host, spec));
  const files = filesOf(schedule);
  job.changes([
    changeOf(`${folder}/rules`, before.rules, files['rules']),
    ...(before.rules === undefined ? [changeOf(`${folder}/prune.sh`, undefined, files['prune.sh'])] : []),
  ]);
  try {
    await writeAndStart(host, spec, schedule, before.rules !== undefined, job);
  } catch (error) {
    // Of a first schedule that did not come to its timer (cancelled, cut off, nothing to start it), no script stays behind.
    if (before.rules === undefined)
      await removeSchedule(host, spec).catch((left: unknown) => job.warn(problemOf(left)));
    throw error;
  }
}

async function writeAndStart(
  host: Host,
  spec: Node,
  schedule: Schedule,
  wasThere: boolean,
  job: JobContext,
): Promise<void> {
  const layout = nodeLayout(spec);
  const { folder } = layout.schedule;
  const timer = timerFiles(layout, schedule);
  await job.step('schedule-files', 'Write the script and its rules', async () => {
    await expectDone(
      spec,
      host.run({ argv: ['mkdir', '-p', '-m', '755', folder], elevated: true, timeoutMs: timeout }),
    );
    for (const [name, text] of Object.entries(filesOf(schedule))) {
      job.signal.throwIfAborted();
      await host.replaceFile(`${folder}/${name}`, Buffer.from(text), {
        mode: name.endsWith('.sh') ? 0o755 : 0o644,
        owner: { uid: 0, gid: 0 },
        elevated: true,
      });
    }
  });
  await job.step('schedule-timer', 'Start the timer', async (report) => {
    const [service, units] = timer.systemd;
    const result = await host.run({
      argv: [
        'sh',
        '-c',
        startTimerScript,
        'sh',
        timerName(layout),
        service?.text ?? '',
        units?.text ?? '',
        timer.cron.text,
      ],
      elevated: true,
      timeoutMs: timeout,
    });
    if (result.code === 0) {
      report.note({ code: 'plain', values: { text: result.stdout.trim() } });
      job.outcome('by', result.stdout.trim());
      return;
    }
    if (result.code === 20) {
      fail({
        code: 'no-timer',
        message: `Neither systemd nor a cron daemon runs on ${spec.name}, so nothing there can start the schedule${wasThere ? '; its new rules are in place and wait' : ' and nothing of it was left there'}.`,
        hint: 'Install cron there and start it, then set the schedule again.',
      });
    }
    throw scheduleProblem(spec, result);
  });
}

/** The schedule that a new one replaces: undefined where there is none, or none that can be read. */
export async function scheduleBefore(host: Host, spec: Node): Promise<Schedule | undefined> {
  const { rules } = await look(host, spec);
  try {
    return rules === undefined ? undefined : parseRules(spec.name, rules);
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

/** Takes the schedule off as a task, telling what goes. */
export async function takeScheduleOff(host: Host, spec: Node, job: JobContext): Promise<void> {
  const { folder } = nodeLayout(spec).schedule;
  const { rules } = await job.step('schedule-look', 'Look at the schedule', () => look(host, spec));
  if (rules !== undefined) job.changes([deletionOf(`${folder}/rules`, rules)]);
  await job.step('schedule-off', 'Take the schedule off', () => removeSchedule(host, spec));
}

/** Takes timer, entry of cron, scripts, rules and log off a node. Nothing there is fine. Throws `schedule-not-removed` naming what is left. */
export async function removeSchedule(host: Host, spec: Node): Promise<void> {
  const layout = nodeLayout(spec);
  const { folder, files } = layout.schedule;
  const result = await host.run({
    argv: ['sh', '-c', stopTimerScript, 'sh', timerName(layout), folder, ...files],
    elevated: true,
    timeoutMs: timeout,
  });
  if (result.code === 0) return;
  fail({
    code: 'schedule-not-removed',
    message: `Not all of the schedule could be taken off ${spec.name}.`,
    hint: `Look at ${folder} and /etc/systemd/system/${timerName(layout)}.* on the server; the detail says what is left or what it answered.`,
    detail: { output: result.stderr.slice(-2000) || '(nothing)' },
  });
}

/** What lies in the folder of a schedule. The records of its runs are the script's own. */
function filesOf(schedule: Schedule): Readonly<Record<string, string>> {
  return {
    'list.sh': listFile,
    'decide.awk': decisionFile,
    'remove.sh': removeFile,
    'prune.sh': scheduleFile,
    rules: printRules(schedule),
  };
}

async function look(
  host: Host,
  spec: Node,
): Promise<{ readonly view: ScheduleView; readonly rules: string | undefined }> {
  const layout = nodeLayout(spec);
  const { folder } = layout.schedule;
  const result = await host.run({
    argv: ['sh', '-c', showTimerScript, 'sh', timerName(layout), folder],
    elevated: true,
    timeoutMs: timeout,
  });
  if (result.code !== 0) throw cacheProblem(spec.name, result);
  const [by = '', ...parts] = result.stdout.split(/^-- /m);
  // The script ends each file with a newline of its own.
  const part = (name: string): string | undefined =>
    parts.find((each) => each.startsWith(`${name}\n`))?.slice(name.length + 1, -1);
  const rules = part('rules');
  const lastRun = parseLastRun(part('last-run') ?? '');
  const starter = by.trim();
  return {
    rules,
    view: {
      node: spec.name,
      ...(rules === undefined ? {} : { script: `${folder}/prune.sh` }),
      ...(rules !== undefined && (starter === 'systemd' || starter === 'cron') ? { by: starter } : {}),
      ...(lastRun === undefined ? {} : { lastRun }),
    },
  };
}

function deletionOf(path: string, before: string): FileChange {
  return { path, action: 'delete', diff: createTwoFilesPatch(path, '/dev/null', before, '', '', '', { context: 3 }) };
}

function changeOf(path: string, before: string | undefined, after = ''): FileChange {
  return {
    path,
    action: before === undefined ? 'create' : 'change',
    diff: createTwoFilesPatch(before === undefined ? '/dev/null' : path, path, before ?? '', after, '', '', {
      context: 3,
    }),
  };
}

async function expectDone(spec: Node, running: Promise<CommandResult>): Promise<void> {
  const result = await running;
  if (result.code !== 0) throw scheduleProblem(spec, result);
}

function scheduleProblem(spec: Node, result: CommandResult): ProblemError {
  return new ProblemError({
    code: 'schedule-not-set',
    message: `The schedule of ${spec.name} could not be put in place (the command ended with ${result.code}).`,
    hint: 'The detail has what the server said. Set it again when that is cured.',
    retryable: true,
    detail: { output: result.stderr.slice(-2000) || '(nothing)' },
  });
}
