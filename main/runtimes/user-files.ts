import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { fail } from '../../preload/contract/problem.ts';
import type { HelperLine } from './elevation.ts';
import { hashOf } from './file-diff.ts';
import { removeUnfinished, unfinishedName } from './privileged-files.ts';

const hash = z.string().regex(/^(?:absent|[0-9a-f]{64})$/);
const requestSchema = z.discriminatedUnion('verb', [
  z.object({
    verb: z.literal('apply'),
    id: z.string(),
    files: z.array(z.object({ path: z.string(), expect: hash, mode: z.number(), bytes: z.base64().nullable() })),
  }),
  z.object({
    verb: z.literal('rollback'),
    id: z.string(),
    files: z.array(z.object({ path: z.string(), expect: hash })),
  }),
  z.object({ verb: z.literal('forget'), ids: z.array(z.string()) }),
]);

interface Before {
  readonly bytes: Uint8Array | undefined;
  readonly mode: number;
  readonly mtimeMs: number;
}

/**
 * Writes files in this user's own home in the words of the privileged helper (`apply`, `rollback`, `forget`), without it: nobody is asked
 * for a password. All files of a request are written or none. What was there before is kept in memory only: such files are ours alone, so
 * a record of their hashes is enough to take them away after a crash.
 */
export class UserFiles implements HelperLine {
  readonly #backups = new Map<string, ReadonlyMap<string, Before>>();
  readonly #folders: Set<string>;

  /** `folders` were created by earlier switches and go when they become empty. */
  constructor(folders: readonly string[] = []) {
    this.#folders = new Set(folders);
  }

  /** Folders created so far that are still there, by this writer and earlier ones. */
  get folders(): readonly string[] {
    return [...this.#folders].filter((each) => fs.existsSync(each));
  }

  /** Folders that writing these files will create: a crash in the middle of it must not make anyone forget them. */
  missing(paths: readonly string[]): readonly string[] {
    const found = new Set<string>();
    for (const path of paths)
      for (let each = dirname(path); !fs.existsSync(each); each = dirname(each)) found.add(each);
    return [...found];
  }

  /** Removes what a switch that was killed left beside these files and in folders of ours. */
  tidy(paths: readonly string[]): void {
    removeUnfinished(paths, [...this.#folders]);
  }

  ask(request: object): Promise<Readonly<Record<string, unknown>>> {
    return Promise.resolve().then(() => this.#answer(requestSchema.parse(request)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #answer(request: z.infer<typeof requestSchema>): Readonly<Record<string, unknown>> {
    switch (request.verb) {
      case 'apply': {
        const files = request.files.map(({ path, expect, mode, bytes }) => ({
          path,
          expect,
          mode,
          bytes: bytes === null ? undefined : Buffer.from(bytes, 'base64'),
        }));
        this.#backups.set(request.id, this.#replace(files));
        return { files: files.map(({ path, bytes }) => ({ path, sha256: hashOf(bytes) })) };
      }
      case 'rollback': {
        const before = this.#backups.get(request.id);
        const files = request.files.map(({ path, expect }) => {
          const { bytes, mode, mtimeMs } = before?.get(path) ?? missing(path);
          return { path, expect, bytes, mode, mtimeMs };
        });
        this.#replace(files);
        return { files: files.map(({ path, bytes }) => ({ path, sha256: hashOf(bytes) })) };
      }
      case 'forget':
        for (const id of request.ids) this.#backups.delete(id);
        return {};
      default:
        return request satisfies never;
    }
  }

  /** All or nothing; what was there before. */
  #replace(
    files: readonly {
      readonly path: string;
      readonly expect: string;
      readonly bytes: Uint8Array | undefined;
      readonly mode: number;
      readonly mtimeMs?: number;
    }[],
  ): ReadonlyMap<string, Before> {
    const before = new Map(files.map(({ path, expect }) => [path, seen(path, expect)] as const));
    const done: string[] = [];
    try {
      for (const { path, bytes, mode, mtimeMs } of files) {
        done.push(path);
        this.#put(
          path,
          bytes,
          bytes !== undefined && before.get(path)?.bytes ? (before.get(path)?.mode ?? mode) : mode,
        );
        if (mtimeMs !== undefined && bytes !== undefined) fs.utimesSync(path, Date.now() / 1000, mtimeMs / 1000);
      }
    } catch (cause) {
      for (const path of done.toReversed()) this.#put(path, before.get(path)?.bytes, before.get(path)?.mode ?? 0o600);
      return fail(
        {
          code: 'write-failed',
          message: `Writing in the home folder failed: ${String(cause)}. What was begun was put back.`,
          hint: 'Look at the disk and at the rights of the named path.',
        },
        { cause },
      );
    }
    return before;
  }

  #put(path: string, bytes: Uint8Array | undefined, mode: number): void {
    if (bytes === undefined) {
      fs.rmSync(path, { force: true });
      this.#removeEmpty(dirname(path));
      return;
    }
    this.#makeFolder(dirname(path));
    const temp = unfinishedName(path);
    try {
      fs.writeFileSync(temp, bytes, { mode: 0o600, flag: 'wx', flush: true });
      fs.chmodSync(temp, mode);
      fs.renameSync(temp, path);
    } finally {
      fs.rmSync(temp, { force: true });
    }
  }

  #makeFolder(folder: string): void {
    if (fs.existsSync(folder)) return;
    this.#makeFolder(dirname(folder));
    fs.mkdirSync(folder, { mode: 0o755 });
    this.#folders.add(folder);
  }

  #removeEmpty(folder: string): void {
    for (let each = folder; this.#folders.has(each); each = dirname(each)) {
      try {
        fs.rmdirSync(each);
      } catch {
        return;
      }
      this.#folders.delete(each);
    }
  }
}

/** What is at a path, which must be what the preview saw; a link or anything else that is no plain file is not ours to replace. */
function seen(path: string, expect: string): Before {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false });
  if (stat !== undefined && !stat.isFile())
    return fail({
      code: 'path-not-safe',
      message: `${path} is not a plain file. Nothing was changed.`,
      hint: 'Look at it by hand.',
    });
  const bytes = stat === undefined ? undefined : fs.readFileSync(path);
  if (hashOf(bytes) !== expect)
    return fail({
      code: 'file-changed-since-preview',
      message: `${path} is no longer what the preview saw. Nothing was changed.`,
      hint: 'Preview the switch again.',
    });
  return { bytes, mode: (stat?.mode ?? 0o600) & 0o7777, mtimeMs: stat?.mtimeMs ?? 0 };
}

function missing(path: string): never {
  throw new Error(`no backup of ${path}`);
}
