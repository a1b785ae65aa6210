import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentOf, goOnScript, lockScript } from '../../../main/provision/remote-scripts.ts';

let base: string;
let left: ChildProcess | undefined;
beforeEach(() => {
  base = join(mkdtempSync(join(tmpdir(), 'mirrorfleet-lock-')), 'node');
  mkdirSync(base);
});
afterEach(() => {
  left?.kill('SIGKILL');
  left = undefined;
  rmSync(join(base, '..'), { recursive: true });
});

/** The id of a dead run, another one for each test. */
const runOf = () => `unit-${process.pid}-${base.slice(-11, -5)}`;
const textOf = (installation: string, run: string) =>
  JSON.stringify({ who: 'ada', when: '', why: '', installation, run });
const taking = () => [lockScript, 'sh', base, textOf('ours', 'new'), '300', 'ours', 'keep'];

/** What a run that died left at work: it goes on for a while, or until it is ended. */
async function leave(run: string, seconds: string): Promise<void> {
  left = spawn('sh', ['-c', `echo begun; sleep ${seconds}; echo done >"$1"`, 'sh', join(base, 'late')], {
    env: { PATH: process.env['PATH'], ...environmentOf(run) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (left.stdout !== null) await once(left.stdout, 'data');
}

describe('the locking script', () => {
  it('takes over what a dead run of ours held only when all it had begun has come to its end', async () => {
    writeFileSync(join(base, 'lock'), `${textOf('ours', runOf())}\n`);
    await leave(runOf(), '0.7');
    expect(spawnSync('sh', ['-c', ...taking()], { encoding: 'utf8' }).stdout).toBe('taken\n');
    expect(readFileSync(join(base, 'late'), 'utf8')).toBe('done\n');
    expect(readFileSync(join(base, 'lock'), 'utf8')).toContain('"run":"new"');
  });

  it('leaves it to another who took it over meanwhile', async () => {
    writeFileSync(join(base, 'lock'), `${textOf('ours', runOf())}\n`);
    await leave(runOf(), '1');
    const second = spawn('sh', ['-c', ...taking()], { stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    second.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await expect.poll(() => readdirSync(base).some((name) => name.startsWith('.lock.'))).toBe(true);
    writeFileSync(join(base, 'lock'), `${textOf('theirs', 'another')}\n`);
    await once(second, 'close');
    expect(said).toMatch(/^held\t0\t/);
    expect(readFileSync(join(base, 'lock'), 'utf8')).toContain('"installation":"theirs"');
  });

  it.each([
    ['of ours', 'ours', 'taken', false],
    ['of somebody else', 'theirs', 'held', true],
  ])('clears away what a dead run %s was just writing, once its lock is ours', (_, whose, said, stays) => {
    writeFileSync(join(base, 'lock'), `${textOf(whose, runOf())}\n`);
    mkdirSync(join(base, '.incoming'));
    writeFileSync(join(base, '.incoming', 'state.json'), 'half');
    expect(spawnSync('sh', ['-c', ...taking()], { encoding: 'utf8' }).stdout).toMatch(new RegExp(`^${said}`));
    expect(existsSync(join(base, '.incoming'))).toBe(stays);
  });

  it('clears away what a power cut left, also where another program has that number now, and nothing that is being written', () => {
    left = spawn('sh', ['-c', ': .brought.$$; read never'], { stdio: ['pipe', 'ignore', 'ignore'] });
    const living = `.brought.${left.pid}`;
    const names = ['.lock.4194304', '.brought.4194304', `.lock.${process.pid}`, `.brought.${process.pid}`, living];
    for (const name of names) writeFileSync(join(base, name), 'x');
    expect(spawnSync('sh', ['-c', ...taking()], { encoding: 'utf8' }).stdout).toBe('taken\n');
    expect(readdirSync(base).toSorted()).toEqual([living, 'lock']);
  });
});

describe('the script that lets a run go on', () => {
  it('asks what does not end by itself to do so, and touches nothing of another run', async () => {
    await leave(runOf(), '30');
    for (const other of [`${runOf()}-other`, runOf().slice(0, -1)]) {
      expect(spawnSync('sh', ['-c', goOnScript, 'sh', other, '', '0']).status).toBe(0);
      expect(existsSync(`/proc/${left?.pid}/exe`)).toBe(true);
    }
    expect(spawnSync('sh', ['-c', goOnScript, 'sh', runOf(), '', '0']).status).toBe(0);
    expect(existsSync(join(base, 'late'))).toBe(false);
  });

  it('does so, and clears away what was just being written, only where the lock is still its own', () => {
    mkdirSync(join(base, '.incoming'));
    writeFileSync(join(base, '.incoming', 'state.json'), 'half');
    const goOn = (run: string) => spawnSync('sh', ['-c', goOnScript, 'sh', run, base]).status;
    expect(goOn('mine')).toBe(3);
    writeFileSync(join(base, 'lock'), `${textOf('theirs', 'another')}\n`);
    expect(goOn('mine')).toBe(3);
    writeFileSync(join(base, 'lock'), `${textOf('ours', 'mine')}\n`);
    expect(existsSync(join(base, '.incoming', 'state.json'))).toBe(true);
    expect(goOn('mine')).toBe(0);
    expect(readdirSync(base)).toEqual(['lock']);
    expect(spawnSync('sh', ['-c', goOnScript, 'sh', 'pulls', '']).status).toBe(0);
  });
});
