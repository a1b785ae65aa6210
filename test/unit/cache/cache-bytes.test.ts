import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheBytes } from '../../../main/cache/cache-bytes.ts';
import type { Command, CommandResult, Host } from '../../../main/hosts/host.ts';

/** A host on which nothing runs but what is asked for here. */
const hostThat = (run: (command: Command) => Partial<CommandResult>): Host =>
  ({ run: async (command: Command) => ({ code: 0, stdout: '', stderr: '', ...run(command) }) }) as unknown as Host;

describe('the size of a cache', () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'mirrorfleet-bytes-'));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const here = hostThat(({ argv: [program = '', ...rest], input }) => {
    const ran = spawnSync(program, rest, { input: typeof input === 'string' ? input : '', encoding: 'utf8' });
    return { code: ran.status ?? 1, stdout: ran.stdout, stderr: ran.stderr };
  });
  const size = () => cacheBytes(here, { name: 'tokyo', base });
  /** So many files of one byte below this folder of the store; answers with the disk space that one takes here. */
  const fill = (prefix: string, files: number): number => {
    let last = '';
    for (let at = 0; at < files; at += 1) {
      const folder = join(base, 'data/blobs/sha256', prefix, String(at));
      mkdirSync(folder, { recursive: true });
      last = join(folder, 'data');
      writeFileSync(last, 'x');
    }
    return statSync(last).blocks * 512;
  };

  it('is counted file by file where they are few', async () => {
    fill('00', 3);
    const each = fill('aa', 2);
    expect(await size()).toEqual({ bytes: 5 * each, exact: true });
  });

  it('is nothing where nothing was pulled yet', async () => {
    mkdirSync(join(base, 'data/blobs'), { recursive: true });
    expect(await size()).toEqual({ bytes: 0, exact: true });
  });

  it('is not known where there is no cache', async () => {
    await expect(size()).rejects.toMatchObject({ problem: { code: 'node-not-applied' } });
  });

  it.each([
    ['', 0],
    ['much 1\n', 0],
    ['5 2\n', 0],
    ['5 1', 0],
    ['x5 1\n', 0],
    ['5 1\n5 1\n', 0],
    [`${'9'.repeat(16)} 1\n`, 0],
    ['5 1\n', 1],
  ])('is not known where the machine says %j and ends with %d', async (stdout, code) => {
    const machine = hostThat(() => ({ stdout, code }));
    await expect(cacheBytes(machine, { name: 'tokyo' })).rejects.toMatchObject({
      problem: { code: 'cache-command-failed' },
    });
  });

  it('is asked of the machine as root, and no longer where nobody waits any more', async () => {
    const asked: Command[] = [];
    const machine = hostThat((command) => {
      asked.push(command);
      return { stdout: '5 0\n' };
    });
    const { signal } = new AbortController();
    expect(await cacheBytes(machine, { name: 'tokyo', base: '/srv/mirrors' }, signal)).toEqual({
      bytes: 5,
      exact: false,
    });
    expect(asked).toMatchObject([{ argv: ['sh', '-s', '--', '/srv/mirrors'], elevated: true, signal }]);
  });
});
