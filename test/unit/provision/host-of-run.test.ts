import { expect, test } from 'vitest';
import { argvOf } from '../../../main/hosts/envelope.ts';
import { hostOfRun } from '../../../main/provision/host-of-run.ts';
import { takeLock } from '../../../main/provision/node-lock.ts';
import { goOnScript, lockScript, unlockScript } from '../../../main/provision/remote-scripts.ts';
import { fail } from '../../../preload/contract/problem.ts';
import { answering, problemFrom } from './answering-host.ts';

test('every command of a run says whose it is, and one whose connection was lost is ended before the next begins', async () => {
  const seen: string[] = [];
  const machine = answering((command) => {
    seen.push(argvOf(command).join(' '));
    if (command.argv[0] !== 'lost') return {};
    return fail({ code: 'connection-lost', message: 'It is gone.', hint: 'Try again.', retryable: true });
  });
  const host = hostOfRun(machine, 'r1', '/opt/mirrorfleet');
  await host.run({ argv: ['first'] });
  expect(await problemFrom(host.run({ argv: ['lost'] }))).toMatchObject({ code: 'connection-lost' });
  await host.run({ argv: ['second'] });
  await host.run({ argv: ['third'] });
  const marked = (word: string) => `env MIRRORFLEET_RUN=r1; ${word}`;
  expect(seen).toEqual([
    marked('first'),
    marked('lost'),
    `sh -c ${goOnScript} sh r1 /opt/mirrorfleet`,
    marked('second'),
    marked('third'),
  ]);
});

test('a run whose lock another took over while its connection was lost does nothing more', async () => {
  const seen: string[] = [];
  const machine = answering(({ argv }) => {
    seen.push(argv[2] === goOnScript ? 'go on?' : argv.join(' '));
    if (argv[0] !== 'lost') return { code: 3 };
    return fail({ code: 'connection-lost', message: 'It is gone.', hint: 'Try again.', retryable: true });
  });
  const host = hostOfRun(machine, 'r1', '/opt/mirrorfleet');
  expect(await problemFrom(host.run({ argv: ['lost'] }))).toMatchObject({ code: 'connection-lost' });
  for (const word of ['second', 'third'])
    expect(await problemFrom(host.run({ argv: [word] }))).toMatchObject({ code: 'lock-lost' });
  expect(seen).toEqual(['lost', 'go on?', 'go on?']);
});

test('a lock is given back only when what a lost connection left at work has ended', async () => {
  const names = new Map([
    [lockScript, 'take'],
    [goOnScript, 'go on'],
    [unlockScript, 'give back'],
  ]);
  const seen: string[] = [];
  const machine = answering(({ argv: [word = '', , script = ''] }) => {
    seen.push(names.get(script) ?? word);
    if (word === 'lost') return fail({ code: 'connection-lost', message: 'It is gone.', hint: 'Try again.' });
    return { stdout: script === lockScript ? 'taken\n' : '' };
  });
  const holder = { who: 'ada', installation: 'ours' };
  const asked = { holder, why: 'apply', run: 'r1', now: new Date(0), breakLock: false };
  const lock = await takeLock(machine, '/opt/mirrorfleet', asked);
  expect(await problemFrom(lock.host.run({ argv: ['lost'] }))).toMatchObject({ code: 'connection-lost' });
  await lock.release();
  expect(seen).toEqual(['take', 'lost', 'go on', 'give back']);
});
