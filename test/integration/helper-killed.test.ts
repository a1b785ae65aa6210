import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { commandLine } from '../../main/runtimes/elevation.ts';
import { Terminal } from '../e2e/terminal.ts';
import { amount, seed } from '../endurance/length.ts';
import { attachLab } from '../lab/lab.ts';
import { chanceOf } from '../pages/world/chance.ts';
import { HelperDialog, helperProgram, planned } from './helper-dialog.ts';

/** What is left of a plan whose helper ended in the middle of it. */
const lab = await attachLab();
const laptop = await lab.machine('laptop');
const daemon = '/etc/docker/daemon.json';
const direct = [lab.state.node, helperProgram];
const shell = (script: string): Promise<string> => laptop.mustExec(['sh', '-ec', script]);
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

const files = Array.from({ length: 100 }, (_, at) => `/etc/docker/certs.d/203.0.113.11:${1000 + at}/client.key`);
const plan = (id: string): object => ({
  verb: 'apply',
  id,
  files: [
    planned(daemon, sha('{}'), '{"debug":true}'),
    ...files.map((path) => planned(path, 'absent', 'KEY'.repeat(3000), 0o600)),
  ],
});
const picture = (): Promise<string> =>
  shell(
    "find /etc/docker -mindepth 1 -printf '%p %y %m %u:%g %T@\\n' | sort; find /etc/docker -type f -exec sha256sum {} +; ls -A /var/lib/mirrorfleet/backups 2>/dev/null || true",
  );
/** Lines of a picture: how many of the plan's files are there, finished or begun. */
const keysIn = (seen: string): number =>
  seen.split('\n').filter((line) => /client\.key/.test(line) && / f /.test(line)).length;

beforeEach(() =>
  shell(
    `rm -rf /etc/docker /var/lib/mirrorfleet; mkdir -m 755 /etc/docker; printf '{}' >${daemon}; touch -d @1600000000 ${daemon}`,
  ),
);
afterAll(() => shell('rm -rf /etc/docker /var/lib/mirrorfleet; mkdir -m 755 /etc/docker'));

/** Kills the helper at once when a file of the plan is there; at the latest at its last. */
const killAt = (path: string): Promise<string> =>
  shell(
    `pid=$(pgrep -u root -xf '${direct.join(' ')}'); until [ -e ${path} ] || [ -e ${files.at(-1)} ]; do :; done; kill -KILL "$pid"`,
  );

test('a helper killed anywhere in a plan leaves a backup that puts every byte back, and nothing that was begun', async () => {
  const chance = chanceOf(seed);
  const before = await picture();
  const seen: number[] = [];
  for (let at = 0; at < amount(4, 100); at += 1) {
    const id = `backup-killed-${at}`;
    // Who is to be killed in the middle must not run away from who kills him, on a busy computer either.
    const helper = await HelperDialog.start(laptop, ['nice', '-n', '19', ...direct]);
    const file = files[Math.floor(chance() * (files.length - 30))] ?? '';
    const killed = killAt(file);
    // The killer needs a moment to be at its place; before it, no plan is said.
    await expect.poll(async () => (await laptop.exec(['pgrep', '-f', 'until . -e'])).code).toBe(0);
    helper.say(plan(id));
    await killed;
    await helper.ended;
    seen.push(keysIn(await picture()));
    const next = await HelperDialog.start(laptop, direct);
    const now = await next.ask({ verb: 'status', paths: [daemon, ...files] });
    expect(now.backups, `SEED=${seed}, kill ${at}`).toEqual([id]);
    const back = now.files.map(({ path, sha256 }) => ({ path, expect: sha256 }));
    expect(await next.ask({ verb: 'rollback', id, files: back })).toMatchObject({ ok: true });
    expect(await next.ask({ verb: 'forget', ids: [id] })).toMatchObject({ ok: true });
    await next.close();
    expect(await picture(), `SEED=${seed}, kill ${at}`).toBe(before);
  }
  console.log(`SEED=${seed}: of ${files.length} keys there were at the kills: ${seen.join(' ')}`);
  expect(seen.some((count) => count > 0 && count < files.length)).toBe(true);
});

test('what a killed helper had begun beside a file, a key perhaps, goes with the next that touches the file', async () => {
  const before = await picture();
  const [path = ''] = files;
  const begun = `${path.replace('client.key', '.client.key.')}${'0f'.repeat(9)}`;
  const foreign = begun.replace('0f0f', 'note');
  const helper = await HelperDialog.start(laptop, direct);
  expect((await helper.ask(plan('backup-begun'))).ok).toBe(true);
  await shell(`printf KEY >${begun}; printf mine >${foreign}`);
  const back = files.map((each) => ({ path: each, expect: sha('KEY'.repeat(3000)) }));
  const all = [{ path: daemon, expect: sha('{"debug":true}') }, ...back];
  expect((await helper.ask({ verb: 'rollback', id: 'backup-begun', files: all })).ok).toBe(true);
  expect(await shell(`cat ${foreign}; ls ${begun} 2>&1 || true`)).toMatch(/^mine.*No such file/s);
  await shell(`rm ${foreign}; rmdir -p $(dirname ${foreign}) 2>/dev/null || true`);
  expect((await helper.ask({ verb: 'forget', ids: ['backup-begun'] })).ok).toBe(true);
  await helper.close();
  expect(await picture()).toBe(before);
});

test('Ctrl-C on the terminal that it was started from ends no plan half-way', async () => {
  const prompt = `stty -echo; cat /home/dev/plan - | ${commandLine('sudo-password', {
    node: lab.state.node,
    helper: helperProgram,
  })
    .map((word) => `'${word}'`)
    .join(' ')}`;
  const lines = [laptop.password ?? '', '{"verb":"hello"}', JSON.stringify(plan('backup-ctrl-c'))];
  await laptop.writeFile('/home/dev/plan', `${lines.join('\n')}\n`, 0o644);
  const terminal = new Terminal(laptop, ['bash', '-c', `trap : INT; ${prompt.replace('cat', 'setsid cat')}`]);
  await terminal.see(/"helper":1/);
  for (let at = 0; at < 20; at += 1) {
    terminal.type('\u0003');
    await pause(20);
  }
  await terminal.see(/"ok":true,"id":"backup-ctrl-c"/);
  expect(keysIn(await picture())).toBe(files.length);
  terminal.kill();
  await shell('rm -f /home/dev/plan');
});
