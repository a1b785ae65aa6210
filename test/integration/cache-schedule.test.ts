import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { imageName } from '../../main/cache/image-name.ts';
import { listCache } from '../../main/cache/node-cache.ts';
import { addPins } from '../../main/cache/pin-file.ts';
import { putSchedule, removeSchedule, showSchedule, takeScheduleOff } from '../../main/cache/schedule.ts';
import { nodeLayout } from '../../main/fleet/node-layout.ts';
import type { Host } from '../../main/hosts/host.ts';
import { hostRunning } from '../../main/hosts/host-running.ts';
import { connectSsh, lookAtHostKey } from '../../main/hosts/ssh-host.ts';
import { silentLog } from '../../main/log/log.ts';
import { Secret } from '../../main/log/secret.ts';
import { type JobContext, Tasks } from '../../main/tasks/tasks.ts';
import type { Schedule } from '../../preload/contract/cache.ts';
import type { Task } from '../../preload/contract/task.ts';
import { type MachineName, catalogue } from '../lab/catalogue.ts';
import { type Lab, type Machine, attachLab } from '../lab/lab.ts';
import { bytesOn, layImages } from './cache-laid.ts';

const spec = { name: 'tokyo', base: '/opt/mirrorfleet-schedule-test' };
const layout = nodeLayout(spec);
const units = `${layout.project}-prune`;
const { folder } = layout.schedule;
const images = [
  { upstream: 'docker.io', repository: 'library/old', tag: '1', bytes: 300_000, age: '40 days ago' },
  { upstream: 'docker.io', repository: 'library/kept', tag: '1', bytes: 200_000, age: '40 days ago' },
  { upstream: 'ghcr.io', repository: 'team/new', tag: '1', bytes: 100_000, age: '2 days ago' },
];
const unused: Schedule = { at: '03:30', unusedDays: 30 };

let lab: Lab;
beforeAll(async () => {
  lab = await attachLab();
});

function task(body: (job: JobContext) => Promise<void>): Promise<Task> {
  return new Tasks(() => {}).run({ kind: 'cache-schedule', subject: 'tokyo', title: 'Schedule' }, body);
}

async function connect(name: 'alpha' | 'gamma'): Promise<Host> {
  const { user, address } = catalogue[name];
  const target = { destination: `${user}@${address}`, identityFile: lab.state.keyFile };
  const secrets = name === 'gamma' ? { sudoPassword: new Secret('pat-sudo-pw') } : {};
  const pins = new Map<string, string[]>();
  const trust = { secrets, log: silentLog, hostKeys: { pinned: (host: string) => pins.get(host) ?? [] } };
  const key = await lookAtHostKey(target, trust);
  pins.set(key.host, [key.fingerprint]);
  return connectSsh({ name, target, ...trust });
}

/** The same host where systemd is not to be seen, as on a machine that boots with something else. */
function withoutSystemd(host: Host): Host {
  const hidden = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /run/systemd && exec "$@"', 'sh'];
  return hostRunning(host, (command) =>
    host.run({ ...command, argv: command.elevated ? [...hidden, ...command.argv] : command.argv }),
  );
}

describe.each<Extract<MachineName, 'alpha' | 'gamma'>>(['alpha', 'gamma'])('the schedule on the server %s', (name) => {
  let host: Host;
  let machine: Machine;
  const names = async () => (await listCache(host, spec)).images.map(imageName).toSorted();
  /** Blobs laid just now have just changed, which no rule but this one overlooks. */
  const withoutGrace = () => machine.mustExec(['sh', '-c', `echo grace_seconds=0 >> ${folder}/rules`]);

  beforeAll(async () => {
    machine = await lab.machine(name);
    host = await connect(name);
  });
  beforeEach(async () => {
    await removeSchedule(host, spec);
    await machine.mustExec(['rm', '-rf', spec.base]);
    await layImages(machine, spec.base, images);
  });
  afterAll(async () => {
    await removeSchedule(host, spec);
    await machine.mustExec(['rm', '-rf', spec.base]);
    await host.close();
  });

  it('is started by systemd at its time, and a run of its unit frees bytes and leaves pins and what is in use', async () => {
    await addPins(host, spec, ['kept']);
    const set = await task((job) => putSchedule(host, spec, unused, job));
    expect(set).toMatchObject({ state: 'done', outcome: { by: 'systemd' } });
    expect(await showSchedule(host, spec)).toEqual({
      node: 'tokyo',
      schedule: unused,
      by: 'systemd',
      script: `${folder}/prune.sh`,
    });
    const next = await machine.mustExec(['systemctl', 'show', '-p', 'NextElapseUSecRealtime', `${units}.timer`]);
    expect(next).toMatch(/ 03:30:00 /);
    await withoutGrace();
    const before = await bytesOn(machine, spec.base);
    await machine.mustExec(['systemctl', 'start', `${units}.service`]);
    expect(await names()).toEqual(['docker.io/library/kept:1', 'ghcr.io/team/new:1']);
    const { lastRun } = await showSchedule(host, spec);
    expect(lastRun).toMatchObject({ images: 1, failed: false });
    expect(before - (await bytesOn(machine, spec.base))).toBe(lastRun?.freedBytes);
    expect(lastRun?.freedBytes).toBeGreaterThan(300_000);
    expect(Math.abs(Date.now() - (lastRun?.at ?? 0))).toBeLessThan(60_000);
    expect(await machine.mustExec(['cat', `${folder}/log`])).toMatch(
      /^\S+Z freed \d+ bytes, 1 images\n {2}- docker\.io\/library\/old:1\n$/,
    );
  });

  it('can be looked at without removing anything, and stops at the time of a running prune', async () => {
    await task((job) => putSchedule(host, spec, { at: '12:00', keepBytes: 0 }, job));
    await withoutGrace();
    const said = await machine.mustExec(['sh', `${folder}/prune.sh`, '--dry-run']);
    for (const { upstream, repository } of images) expect(said).toContain(`would go: ${upstream}/${repository}:1\n`);
    expect(said).toMatch(/would free \d{6} bytes in 6 files\n$/);
    expect(await names()).toHaveLength(3);
    const busy = await machine.exec(['flock', `${spec.base}/data`, 'sh', `${folder}/prune.sh`]);
    expect(busy).toMatchObject({ code: 75 });
    expect(await showSchedule(host, spec)).toMatchObject({ lastRun: { failed: true, freedBytes: 0 } });
    expect(await machine.mustExec(['cat', `${folder}/log`])).toContain('another prune or an apply is at work');
    expect(await names()).toHaveLength(3);
  });

  it('obeys the share of the disk that is to be free, and the grace', async () => {
    await task((job) => putSchedule(host, spec, { at: '12:00', freePercent: 1 }, job));
    await withoutGrace();
    await machine.mustExec(['sh', `${folder}/prune.sh`]);
    expect(await names()).toHaveLength(3);
    await task((job) => putSchedule(host, spec, { at: '12:00', keepBytes: 0 }, job));
    await machine.mustExec(['sh', '-c', `find ${spec.base}/data/ghcr.io -name link | xargs touch`]);
    await machine.mustExec(['sh', `${folder}/prune.sh`]);
    expect(await names()).toEqual(['ghcr.io/team/new:1']);
  });

  it('removes nothing and says so where pins or rules cannot be understood', async () => {
    await task((job) => putSchedule(host, spec, { at: '12:00', keepBytes: 0 }, job));
    await withoutGrace();
    await machine.mustExec(['sh', '-c', `echo 'all of nginx' > ${layout.pinsFile}`]);
    expect(await machine.exec(['sh', `${folder}/prune.sh`])).toMatchObject({ code: 18 });
    await machine.mustExec(['rm', layout.pinsFile]);
    await machine.mustExec(['sh', '-c', `echo 'keep_bytes=$(reboot)' >> ${folder}/rules`]);
    expect(await machine.exec(['sh', `${folder}/prune.sh`])).toMatchObject({ code: 17 });
    expect(await names()).toHaveLength(3);
    await expect(showSchedule(host, spec)).rejects.toMatchObject({ problem: { code: 'schedule-unclear' } });
  });

  it('changes its time and rules, is told as off where its timer is, and leaves nothing when it is taken off', async () => {
    const at = async () =>
      /\d\d:\d\d:\d\d/.exec(
        await machine.mustExec(['systemctl', 'show', '-p', 'NextElapseUSecRealtime', `${units}.timer`]),
      )?.[0];
    await task((job) => putSchedule(host, spec, unused, job));
    const changed = { at: '04:45', unusedDays: 7, keepBytes: 20_000_000_000, freePercent: 20 };
    expect(await task((job) => putSchedule(host, spec, changed, job))).toMatchObject({ state: 'done' });
    expect((await showSchedule(host, spec)).schedule).toEqual(changed);
    expect(await at()).toBe('04:45:00');
    await machine.mustExec(['systemctl', 'stop', `${units}.timer`]);
    expect(await showSchedule(host, spec)).not.toHaveProperty('by');
    expect(await task((job) => takeScheduleOff(host, spec, job))).toMatchObject({ state: 'done' });
    expect(await showSchedule(host, spec)).toEqual({ node: 'tokyo' });
    const left = await machine.exec([
      'sh',
      '-c',
      `ls -d ${folder} /etc/systemd/system/${units}* /etc/systemd/system/*/${units}* /etc/cron.d/${units}`,
    ]);
    expect(left.stdout).toBe('');
    expect(await machine.mustExec(['systemctl', 'list-units', '--all', '--no-legend', `${units}*`])).toBe('');
  });

  it('leaves what somebody else put into its folder and names it', async () => {
    await task((job) => putSchedule(host, spec, unused, job));
    await machine.mustExec(['touch', `${folder}/notes`]);
    await expect(removeSchedule(host, spec)).rejects.toMatchObject({
      problem: { code: 'schedule-not-removed', detail: { output: 'notes\n' } },
    });
    await machine.mustExec(['rm', `${folder}/notes`]);
  });

  it('is set nowhere where neither systemd nor cron runs, and nothing is left of the try', async () => {
    const set = await task((job) => putSchedule(withoutSystemd(host), spec, unused, job));
    expect(set).toMatchObject({ state: 'failed', problem: { code: 'no-timer' } });
    expect((await machine.exec(['ls', folder])).code).not.toBe(0);
  });

  it('is started by cron where there is no systemd, with the few variables that cron gives', async () => {
    const plain = withoutSystemd(host);
    const busybox = await readFile('/bin/busybox');
    for (const applet of ['crond', 'crontab'])
      await host.replaceFile(`/usr/local/bin/${applet}`, busybox, { mode: 0o755, elevated: true });
    await machine.mustExec(['mkdir', '-p', '/var/spool/cron/crontabs']);
    await machine.mustExec(['sh', '-c', '/usr/local/bin/crond -b -c /var/spool/cron/crontabs']);
    try {
      const set = await task((job) => putSchedule(plain, spec, unused, job));
      expect(set).toMatchObject({ state: 'done', outcome: { by: 'cron' } });
      expect(await showSchedule(plain, spec)).toMatchObject({ schedule: unused, by: 'cron' });
      await withoutGrace();
      // Debian 12's machine has /etc/cron.d, Debian 13's has not and gets a line in root's own crontab.
      const own = name === 'alpha';
      const table = own
        ? await machine.mustExec(['crontab', '-l'])
        : await machine.mustExec(['cat', `/etc/cron.d/${units}`]);
      const line = own ? /^30 3 \* \* \* (.*)$/m.exec(table) : /^30 3 \* \* \* root (.*)$/m.exec(table);
      const command = line?.[1] ?? '';
      expect(command).toContain(`/bin/sh ${folder}/prune.sh`);
      const bare = ['env', '-i', 'SHELL=/bin/sh', 'PATH=/usr/bin:/bin', 'HOME=/root', 'LOGNAME=root'];
      await machine.mustExec([...bare, '/bin/sh', '-c', command]);
      expect(await names()).toEqual(['ghcr.io/team/new:1']);
      expect(await showSchedule(plain, spec)).toMatchObject({ lastRun: { images: 2, failed: false } });
      await removeSchedule(plain, spec);
      expect((await machine.exec(['crontab', '-l'])).stdout).not.toContain(units);
      expect((await machine.exec(['ls', `/etc/cron.d/${units}`])).code).not.toBe(0);
    } finally {
      await machine.exec(['sh', '-c', 'kill $(grep -lx crond /proc/[0-9]*/comm | cut -d/ -f3)']);
      await machine.exec(['rm', '-f', '/usr/local/bin/crond', '/usr/local/bin/crontab']);
    }
  });
});
