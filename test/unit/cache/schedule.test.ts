import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putSchedule } from '../../../main/cache/schedule.ts';
import { printRules } from '../../../main/cache/schedule-rules.ts';
import { listFile, scheduleFile } from '../../../main/cache/schedule-scripts.ts';
import type { CommandResult, Host } from '../../../main/hosts/host.ts';
import { connectionLost } from '../../../main/hosts/ssh-problems.ts';
import { Tasks } from '../../../main/tasks/tasks.ts';
import type { Schedule } from '../../../preload/contract/cache.ts';
import { ProblemError } from '../../../preload/contract/problem.ts';
import type { FileChange } from '../../../preload/contract/runtime.ts';
import type { Task } from '../../../preload/contract/task.ts';

const spec = { name: 'tokyo', base: '/opt/mirrorfleet' };
const unused: Schedule = { at: '03:30', unusedDays: 30 };

/** A machine that says what is on it, and that it started the timer or not. */
function machine(look: string, start: Partial<CommandResult>): Host {
  const answer = (said: Partial<CommandResult>): CommandResult => ({ code: 0, stdout: '', stderr: '', ...said });
  return {
    name: 'tokyo',
    roundTrips: 0,
    run: async ({ argv }) => {
      const script = argv[2] ?? '';
      if (script.includes('for file in rules last-run')) return answer({ stdout: look });
      return answer(script.includes('enable --now') ? start : {});
    },
    replaceFile: async () => {},
    readFile: async () => undefined,
    removeFile: async () => {},
    connect: () => Promise.reject(new Error('nothing listens')),
    close: async () => {},
  };
}

async function set(host: Host, schedule: Schedule): Promise<{ task: Task; changes: readonly FileChange[] }> {
  let changes: readonly FileChange[] = [];
  const tasks = new Tasks((_task, news) => {
    changes = news.changes;
  });
  const task = await tasks.run({ kind: 'cache-schedule', subject: 'tokyo', title: 'Schedule' }, (job) =>
    putSchedule(host, spec, schedule, job),
  );
  return { task, changes };
}

/** As the script prints it: each file and a newline after it. */
const there = `none\n-- rules\n${printRules(unused)}\n-- last-run\nat 1700000000\nfailed 0\n\n`;

describe('setting a schedule', () => {
  it('that is there already changes no line of its rules', async () => {
    const { task, changes } = await set(machine(there, { stdout: 'systemd\n' }), unused);
    expect(task.state).toBe('done');
    expect(changes.map(({ diff }) => diff.split('\n').filter((line) => /^[-+](?![-+])/.test(line)))).toEqual([[]]);
  });

  it('where nothing can start it says what became of the files', async () => {
    const message = async (look: string) => (await set(machine(look, { code: 20 }), unused)).task.problem;
    expect(await message('none\n')).toMatchObject({ code: 'no-timer' });
    expect((await message('none\n'))?.message).toContain('nothing of it was left there');
    expect((await message(there))?.message).toContain('its new rules are in place');
  });
});

describe('a schedule that is cut off before its timer runs', () => {
  /** The scripts that were run on a machine where writing the rules ends as `write` does. */
  const afterFailing = async (look: string, write: (tasks: Tasks) => Promise<void>) => {
    const ran: string[] = [];
    const host = machine(look, { stdout: 'systemd\n' });
    const tasks = new Tasks(() => {});
    const watched: Host = {
      ...host,
      run: (command) => {
        const script = command.argv[2] ?? '';
        if (script.includes('disable --now')) ran.push('taken off');
        if (script.includes('enable --now')) ran.push('started');
        return host.run(command);
      },
      replaceFile: async (path) => (path.endsWith('/rules') ? write(tasks) : undefined),
    };
    const task = await tasks.run({ kind: 'cache-schedule', subject: 'tokyo', title: 'Schedule' }, (job) =>
      putSchedule(watched, spec, unused, job),
    );
    return { task, ran };
  };
  const breaks = () => Promise.reject(new ProblemError(connectionLost('tokyo', 'reset')));

  it('leaves no script behind where it was the first', async () => {
    const { task, ran } = await afterFailing('none\n', breaks);
    expect([task.state, task.problem?.code, ran]).toEqual(['failed', 'connection-lost', ['taken off']]);
  });

  it('leaves none behind either where it was cancelled', async () => {
    const { task, ran } = await afterFailing('none\n', async (tasks) => tasks.cancel(tasks.running[0]?.id ?? ''));
    expect([task.state, ran]).toEqual(['cancelled', ['taken off']]);
  });

  it('keeps the timer of the one before', async () => {
    const { task, ran } = await afterFailing(there, breaks);
    expect([task.state, ran]).toEqual(['failed', []]);
  });
});

describe('the rules on the server', () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'mirrorfleet-rules-'));
    mkdirSync(join(base, 'schedule'));
    writeFileSync(join(base, 'schedule/prune.sh'), scheduleFile);
    writeFileSync(join(base, 'schedule/list.sh'), listFile);
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  it.each([
    ['many', 'ends in a newline', 'at=03:30\nunused_days=many\n'],
    ['many', 'does not', 'at=03:30\nunused_days=many'],
  ])('are read to the last line, whose value is %s, where the file %s', (_value, _how, rules) => {
    writeFileSync(join(base, 'schedule/rules'), rules);
    const ran = spawnSync('sh', [join(base, 'schedule/prune.sh'), '--dry-run'], { encoding: 'utf8' });
    expect(ran.stderr).toBe('rules: unused_days is no number; nothing was removed\n');
    expect(ran.status).toBe(17);
  });
});
