import { z } from 'zod';
import type { OriginalFile } from './runtime.ts';
import { fail, type Problem, ProblemError, problemOf } from '../../preload/contract/problem.ts';
import {
  readPrivateFile,
  removeBegun,
  removePrivateFile,
  replacePrivateFile,
  writtenByNewer,
} from '../store/private-file.ts';
import { proofSchema, routeSchema, type RuntimeId } from '../../preload/contract/runtime.ts';

/**
 * What we did to a runtime and how to undo it. `switching` is written before anything else is, so a record in that state means that a
 * switch was interrupted. `mirrors` are ours; `files` maps each path we wrote to the SHA-256 of our bytes; `interim` are the hashes of
 * in-between states of the engine's file and of what we had written before this switch; `original` is that file before our first switch (`bytes` in base64, null: no file)
 * and missing where every file of the engine is ours alone. `backups` are the privileged helper's ids, oldest first; `folders` those
 * that were created in this user's home.
 */
export const switchRecordSchema = z.object({
  state: z.enum(['switching', 'switched']),
  route: routeSchema,
  mirrors: z.array(z.string()),
  original: z.object({ path: z.string(), bytes: z.base64().nullable() }).optional(),
  files: z.record(z.string(), z.string()),
  interim: z.array(z.string()),
  backups: z.array(z.string()),
  folders: z.array(z.string()).default([]),
  at: z.number(),
  proof: proofSchema.optional(),
});
export type SwitchRecord = z.infer<typeof switchRecordSchema>;

/** The engine's file of before our first switch, as its bytes; undefined where none is on record. Pure. */
export function originalOf(record: SwitchRecord | undefined): OriginalFile | undefined {
  if (record?.original === undefined) return undefined;
  const { path, bytes } = record.original;
  return { path, bytes: bytes === null ? undefined : new Uint8Array(Buffer.from(bytes, 'base64')) };
}

const version = 1;
const fileSchema = z.object({ version: z.literal(version), runtimes: z.record(z.string(), switchRecordSchema) });
const newerSchema = z.object({ version: z.int().min(version + 1) });

/** The records of all runtimes, in one file of the core (0600). Every write is a whole new file, on disk before the call returns. */
export class SwitchRecords {
  readonly #file: string;

  /** What a core that was killed in the middle of a write left behind goes. */
  constructor(file: string) {
    this.#file = file;
    removeBegun(file);
  }

  /** The record of a runtime; undefined where we never switched it. Throws `switch-records-unreadable` for a damaged file. */
  read(runtime: RuntimeId): SwitchRecord | undefined {
    return this.#all()[runtime];
  }

  /** {@link read} for looking only: a damaged file is told, not thrown. */
  look(runtime: RuntimeId): { record?: SwitchRecord; damaged?: Problem } {
    try {
      const record = this.read(runtime);
      return record === undefined ? {} : { record };
    } catch (error) {
      return { damaged: problemOf(error) };
    }
  }

  write(runtime: RuntimeId, record: SwitchRecord): void {
    this.#save({ ...this.#all(), [runtime]: record });
  }

  remove(runtime: RuntimeId): void {
    const { [runtime]: _, ...rest } = this.#all();
    this.#save(rest);
  }

  #all(): Readonly<Record<string, SwitchRecord>> {
    const text = readPrivateFile(this.#file);
    if (text === undefined) return {};
    try {
      const content: unknown = JSON.parse(text);
      if (newerSchema.safeParse(content).success) return writtenByNewer(this.#file);
      return fileSchema.parse(content).runtimes;
    } catch (cause) {
      if (cause instanceof ProblemError) throw cause;
      return fail(
        {
          code: 'switch-records-unreadable',
          message: `${this.#file} is damaged, so what was switched is not known. Nothing was changed.`,
          hint: 'Restore it, or set the engine right by hand and delete it; the original files are in /var/lib/mirrorfleet/backups.',
        },
        { cause },
      );
    }
  }

  #save(runtimes: Readonly<Record<string, SwitchRecord>>): void {
    if (Object.keys(runtimes).length === 0) removePrivateFile(this.#file);
    else replacePrivateFile(this.#file, `${JSON.stringify({ version, runtimes }, null, 2)}\n`);
  }
}
