import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../main/hosts/host.ts';
import { hashOf } from '../../main/hosts/remote-files.ts';
import { ProblemError, problemOf } from '../../preload/contract/problem.ts';

/** A host whose machine shares its files and its loopback with the test, so that the test can look from the outside. */
export interface HostUnderTest {
  readonly host: Host;
  /** An existing folder of both sides. */
  readonly folder: string;
  /** A folder on a file system of a few hundred KB: where the host sees it, and where the test does. */
  readonly smallDisk?: { readonly path: string; readonly seen: string };
  stop(): Promise<void>;
}

/** What every Host promises. Each implementation runs it; a full disk can only be had where a small one can be mounted. */
export function hostSuite(label: string, start: () => Promise<HostUnderTest>, offers = { smallDisk: false }): void {
  describe(`a host: ${label}`, () => {
    let under: HostUnderTest;
    let host: Host;
    let folder: string;
    beforeAll(async () => {
      under = await start();
      host = under.host;
      folder = mkdtempSync(join(under.folder, 'suite-'));
    });
    afterAll(async () => under.stop());

    const problem = (promise: Promise<unknown>) =>
      promise.then(
        () => 'no problem',
        (error: unknown) => {
          if (!(error instanceof ProblemError)) throw error;
          return problemOf(error).code;
        },
      );

    it('hands over every word of a command unchanged', async () => {
      const words = [
        "it's",
        '"quoted"',
        'a\\b\\\\',
        '$HOME `id` $(id)',
        '',
        ' ',
        '-n',
        '*',
        '~',
        '!!',
        'two\nlines',
        'tab\t',
        'ü語🚢',
        '#x',
        '{a,b}',
        "'\\''",
        '%s',
        '&|;<>()',
      ];
      const { stdout } = await host.run({ argv: ['printf', '%s\\0', ...words] });
      expect(stdout.split('\0').slice(0, -1)).toEqual(words);
    });

    it('carries binary input and output unharmed', async () => {
      const bytes = randomBytes(3_000_000);
      const heard: Uint8Array[] = [];
      await host.run({ argv: ['cat'], input: bytes, onOutput: (chunk) => heard.push(chunk) });
      expect(hashOf(Buffer.concat(heard))).toBe(hashOf(bytes));
    });

    it('streams input piece by piece and takes no more than the command takes', async () => {
      let asked = 0;
      async function* source() {
        for (; asked < 400; asked++) yield randomBytes(256 * 1024);
      }
      const { code, stdout } = await host.run({ argv: ['sh', '-c', 'head -c 1000 | wc -c'], input: source() });
      expect([code, stdout.trim()]).toEqual([0, '1000']);
      expect(asked).toBeLessThan(100);
    });

    it('passes on what a broken source of input says, and ends the command', async () => {
      async function* source() {
        yield Buffer.from('x');
        throw new Error('the source broke');
      }
      await expect(host.run({ argv: ['cat'], input: source() })).rejects.toThrow('the source broke');
    });

    it('gives exit codes as results, and 127 for a program that is not there', async () => {
      expect(await host.run({ argv: ['sh', '-c', 'echo out; echo err >&2; exit 3'] })).toEqual({
        code: 3,
        stdout: 'out\n',
        stderr: 'err\n',
      });
      expect((await host.run({ argv: ['no-such-program-anywhere'] })).code).toBe(127);
      expect((await host.run({ argv: ['sh', '-c', 'kill -9 $$'] })).code).toBe(137);
    });

    it('stops a command that writes too much', async () => {
      expect(await problem(host.run({ argv: ['yes'], maxOutputBytes: 100_000 }))).toBe('output-too-large');
    });

    it('lets a command whose output is only heard write as much as it likes, unless the caller set a limit', async () => {
      let heard = 0;
      const command = {
        argv: ['head', '-c', '20000000', '/dev/zero'],
        keepOutput: false,
        onOutput: (chunk: Uint8Array) => (heard += chunk.length),
      };
      expect(await host.run(command)).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(heard).toBe(20_000_000);
      expect(await problem(host.run({ ...command, maxOutputBytes: 100_000 }))).toBe('output-too-large');
    });

    it('stops a late command and all it started', async () => {
      const pidFile = join(folder, 'late.pid');
      const argv = ['sh', '-c', 'sleep 1000 >/dev/null 2>&1 & echo $! >"$1"; wait', 'sh', pidFile];
      expect(await problem(host.run({ argv, timeoutMs: 500 }))).toBe('command-timeout');
      await gone(pidFile);
    });

    it('kills a command that ignores the request to end', async () => {
      const pidFile = join(folder, 'stubborn.pid');
      const argv = ['sh', '-c', 'trap "" TERM; echo $$ >"$1"; while :; do sleep 0.1; done', 'sh', pidFile];
      expect(await problem(host.run({ argv, timeoutMs: 500 }))).toBe('command-timeout');
      await gone(pidFile);
    });

    it('stops a command when its caller gives up', async () => {
      const abort = new AbortController();
      const pidFile = join(folder, 'abort.pid');
      const running = problem(
        host.run({
          argv: ['sh', '-c', 'echo $$ >"$1"; echo on; exec sleep 1000', 'sh', pidFile],
          signal: abort.signal,
          onOutput: () => abort.abort(),
        }),
      );
      expect(await running).toBe('cancelled');
      await gone(pidFile);
      expect(await problem(host.run({ argv: ['true'], signal: abort.signal }))).toBe('cancelled');
    });

    it('stops many commands at once', async () => {
      const abort = new AbortController();
      const files = Array.from({ length: 8 }, (_, at) => join(folder, `many${at}.pid`));
      const started = files.map(() => Promise.withResolvers<void>());
      const running = files.map((file, at) =>
        problem(
          host.run({
            argv: ['sh', '-c', 'echo $$ >"$1"; echo on; exec sleep 1000', 'sh', file],
            signal: abort.signal,
            onOutput: () => started[at]?.resolve(),
          }),
        ),
      );
      await Promise.all(started.map((each) => each.promise));
      abort.abort();
      expect(await Promise.all(running)).toEqual(files.map(() => 'cancelled'));
      for (const file of files) await gone(file);
    });

    it('runs many commands at once', async () => {
      const results = await Promise.all(
        Array.from({ length: 30 }, (_, at) => host.run({ argv: ['echo', String(at)] })),
      );
      expect(results.map((each) => each.stdout.trim())).toEqual(Array.from({ length: 30 }, (_, at) => String(at)));
    });

    it('reads a file with its facts, and nothing where there is none', async () => {
      const path = join(folder, "odd 'name'\\ $x");
      writeFileSync(path, Buffer.from([0, 255, 10, 13, 0]), { mode: 0o640 });
      const found = await host.readFile(path);
      expect(found && { ...found, bytes: [...found.bytes] }).toEqual({
        bytes: [0, 255, 10, 13, 0],
        mode: 0o640,
        uid: process.getuid?.(),
        gid: process.getgid?.(),
        hash: hashOf(Buffer.from([0, 255, 10, 13, 0])),
      });
      expect(await host.readFile(join(folder, 'nothing'))).toBeUndefined();
      expect(await host.readFile(join(path, 'below-a-file'))).toBeUndefined();
      expect(await problem(host.readFile(folder))).toBe('not-a-file');
      expect(await problem(host.readFile(path, { maxBytes: 4 }))).toBe('output-too-large');
    });

    it('creates a file with the mode asked for and keeps owner and links of an old one', async () => {
      const path = join(folder, 'real.conf');
      await host.replaceFile(path, Buffer.from('one'), { mode: 0o600, expect: 'absent' });
      expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o7777]).toEqual(['one', 0o600]);
      const mayChown = process.getuid?.() === 0;
      if (mayChown) execFileSync('chown', ['12345:23456', path]);
      const link = join(folder, 'link.conf');
      symlinkSync('real.conf', link);
      await host.replaceFile(link, Buffer.from('two'), { mode: 0o644, expect: hashOf(Buffer.from('one')) });
      expect([readlinkSync(link), readFileSync(path, 'utf8'), statSync(path).mode & 0o7777]).toEqual([
        'real.conf',
        'two',
        0o644,
      ]);
      if (mayChown) expect([statSync(path).uid, statSync(path).gid]).toEqual([12345, 23456]);
      if (mayChown) await host.replaceFile(path, Buffer.from('three'), { mode: 0o644, owner: { uid: 7, gid: 8 } });
      if (mayChown) expect([statSync(path).uid, statSync(path).gid]).toEqual([7, 8]);
      expect(leftovers()).toEqual([]);
    });

    it('writes through a link whose target does not exist yet', async () => {
      mkdirSync(join(folder, 'deep'));
      symlinkSync('deep/new.conf', join(folder, 'dangling'));
      await host.replaceFile(join(folder, 'dangling'), Buffer.from('new'), { mode: 0o644, expect: 'absent' });
      expect(lstatSync(join(folder, 'dangling')).isSymbolicLink()).toBe(true);
      expect(readFileSync(join(folder, 'deep/new.conf'), 'utf8')).toBe('new');
    });

    it('changes nothing when the file is not what was expected', async () => {
      const path = join(folder, 'theirs');
      writeFileSync(path, 'theirs');
      expect(await problem(host.replaceFile(path, Buffer.from('x'), { mode: 0o644, expect: 'absent' }))).toBe(
        'file-changed',
      );
      expect(
        await problem(host.replaceFile(path, Buffer.from('x'), { mode: 0o644, expect: hashOf(Buffer.from('y')) })),
      ).toBe('file-changed');
      expect(readFileSync(path, 'utf8')).toBe('theirs');
      expect(await problem(host.replaceFile(folder, Buffer.from('x'), { mode: 0o644 }))).toBe('not-a-file');
      expect(await problem(host.replaceFile(join(folder, 'no/where'), Buffer.from('x'), { mode: 0o644 }))).toBe(
        'folder-missing',
      );
      expect(leftovers()).toEqual([]);
    });

    it('never lets a reader see half a file', async () => {
      const path = join(folder, 'watched');
      const versions = [Buffer.alloc(700_000, 'a'), Buffer.alloc(900_000, 'b')];
      writeFileSync(path, versions[0] ?? '');
      const good = new Set(versions.map(hashOf));
      let writing = true;
      const reader = (async () => {
        const seen = new Set<string>();
        for (; writing; await pause(1)) seen.add(hashOf(readFileSync(path)));
        return seen;
      })();
      for (let round = 0; round < 6; round++)
        await host.replaceFile(path, versions[(round + 1) % 2] ?? Buffer.alloc(0), { mode: 0o644 });
      writing = false;
      expect([...(await reader)].filter((hash) => !good.has(hash))).toEqual([]);
    });

    it('removes files and links, and is content where there is nothing', async () => {
      const path = join(folder, 'doomed');
      writeFileSync(path, 'x');
      symlinkSync('doomed', join(folder, 'doomed-link'));
      await host.removeFile(join(folder, 'doomed-link'));
      expect(readFileSync(path, 'utf8')).toBe('x');
      await host.removeFile(path);
      await host.removeFile(path);
      expect(readdirSync(folder)).not.toContain('doomed');
      expect(await problem(host.removeFile(folder))).toBe('not-a-file');
    });

    it('connects to a port of the machine', async () => {
      const server = createServer((socket) => socket.pipe(socket));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const stream = await host.connect(port);
      stream.write('hello');
      expect(await new Promise((resolve) => stream.once('data', (chunk: Buffer) => resolve(chunk.toString())))).toBe(
        'hello',
      );
      stream.destroy();
      server.close();
      expect(await problem(host.connect(1))).toBe('port-forward-refused');
    });

    if (offers.smallDisk) {
      it('says that the disk is full and leaves the old file and nothing else', async () => {
        const { path, seen } = under.smallDisk ?? expect.unreachable();
        await host.replaceFile(join(path, 'kept'), Buffer.from('old'), { mode: 0o644 });
        expect(await problem(host.replaceFile(join(path, 'kept'), Buffer.alloc(2_000_000), { mode: 0o644 }))).toBe(
          'disk-full',
        );
        expect(readdirSync(seen)).toEqual(['kept']);
        expect(readFileSync(join(seen, 'kept'), 'utf8')).toBe('old');
      });
    }

    const leftovers = () => readdirSync(folder).filter((name) => name.startsWith('.mirrorfleet'));
  });
}

/** Waits until the process named in a file is gone; dead but not yet collected counts as gone. */
async function gone(pidFile: string): Promise<void> {
  const pid = readFileSync(pidFile, 'utf8').trim();
  const alive = () => {
    try {
      process.kill(Number(pid), 0);
    } catch {
      return false;
    }
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };
  const end = Date.now() + 5_000;
  while (alive()) {
    if (Date.now() > end) throw new Error(`process ${pid} is still there`);
    await pause(20);
  }
}
