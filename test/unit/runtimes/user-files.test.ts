import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProblemError } from '../../../preload/contract/problem.ts';
import { hashOf } from '../../../main/runtimes/file-diff.ts';
import { UserFiles } from '../../../main/runtimes/user-files.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mirrorfleet-user-files-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const hash = (text: string): string => hashOf(new TextEncoder().encode(text));
const file = (path: string, expect: string, text: string | null, mode = 0o644) => ({
  path,
  expect,
  mode,
  bytes: text === null ? null : Buffer.from(text).toString('base64'),
});
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'none';
  } catch (error) {
    return error instanceof ProblemError ? error.problem.code : String(error);
  }
};

describe('files in the own home', () => {
  test('are written with their modes, put back exactly, and leave no folder behind', async () => {
    const files = new UserFiles();
    const own = join(home, 'own.conf');
    const key = join(home, 'deep/folder/client.key');
    writeFileSync(own, 'mine', { mode: 0o640 });
    utimesSync(own, 1, 1);
    const apply = {
      verb: 'apply',
      id: 'a',
      files: [file(own, hash('mine'), 'ours'), file(key, 'absent', 'KEY', 0o600)],
    };
    await files.ask(apply);
    expect(readFileSync(own, 'utf8')).toBe('ours');
    expect([own, key].map((path) => statSync(path).mode & 0o777)).toEqual([0o640, 0o600]);
    expect(files.folders).toEqual([join(home, 'deep'), join(home, 'deep/folder')]);
    const back = {
      verb: 'rollback',
      id: 'a',
      files: [
        { path: own, expect: hash('ours') },
        { path: key, expect: hash('KEY') },
      ],
    };
    expect((await files.ask(back))['files']).toEqual([
      { path: own, sha256: hash('mine') },
      { path: key, sha256: 'absent' },
    ]);
    expect(readFileSync(own, 'utf8')).toBe('mine');
    expect(statSync(own)).toMatchObject({ mtimeMs: 1000 });
    expect(existsSync(join(home, 'deep'))).toBe(false);
  });

  test('folders of an earlier switch go with their last file, others stay', async () => {
    const path = join(home, 'ours/file');
    await new UserFiles().ask({ verb: 'apply', id: 'a', files: [file(path, 'absent', 'x')] });
    await new UserFiles([join(home, 'ours')]).ask({ verb: 'apply', id: 'b', files: [file(path, hash('x'), null)] });
    expect(existsSync(join(home, 'ours'))).toBe(false);
    expect(existsSync(home)).toBe(true);
  });

  test('are all written or none', async () => {
    const first = join(home, 'a/first');
    writeFileSync(join(home, 'plain'), '');
    const files = [file(first, 'absent', 'x'), file(join(home, 'plain/below'), 'absent', 'x')];
    expect(await codeOf(new UserFiles().ask({ verb: 'apply', id: 'a', files }))).not.toBe('none');
    expect(existsSync(join(home, 'a'))).toBe(false);
  });

  test('are refused where they changed since the preview, or are no plain files', async () => {
    const path = join(home, 'file');
    const apply = { verb: 'apply', id: 'a', files: [file(path, 'absent', 'x')] };
    writeFileSync(path, 'other');
    expect(await codeOf(new UserFiles().ask(apply))).toBe('file-changed-since-preview');
    rmSync(path);
    symlinkSync('/etc/passwd', path);
    expect(await codeOf(new UserFiles().ask(apply))).toBe('path-not-safe');
  });

  test('that were being made when the process was killed are tidied away, with the folders that were made for them', async () => {
    const path = join(home, 'ours/deep/zz.conf');
    const files = new UserFiles();
    const folders = files.missing([path]);
    expect([...folders].toSorted()).toEqual([join(home, 'ours'), join(home, 'ours/deep')]);
    await files.ask({ verb: 'apply', id: 'a', files: [file(path, 'absent', 'x')] });
    const left = join(home, `ours/deep/.zz.conf.${'0a'.repeat(9)}`);
    writeFileSync(left, 'half');
    new UserFiles(folders).tidy([path]);
    expect(existsSync(left)).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe('x');
    rmSync(path);
    new UserFiles(folders).tidy([path]);
    expect(existsSync(join(home, 'ours'))).toBe(false);
  });
});
