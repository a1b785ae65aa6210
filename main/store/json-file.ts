import { statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readPrivateFile, replacePrivateFile, unreadable, writtenByNewer } from './private-file.ts';

/** The key that says how a file is to be read. No node and no secret has a name that begins with a dollar sign. */
const versionKey = '$version';
/** A file without the key is from before there was one, and is read as the first. */
const firstVersion = 1;

const objectSchema = z.looseObject({ [versionKey]: z.int().min(1).default(firstVersion) });

/**
 * A private JSON object of the core in one file, written whole. What cannot be read is refused with `store-unreadable`, what a newer
 * version wrote with `store-newer`; such a file is never written over, so that nothing a person could still save is lost.
 */
export class JsonFile<T> {
  readonly path: string;
  readonly #schema: z.ZodType<Readonly<Record<string, T>>>;
  #lastRead: Readonly<Record<string, T>>;
  /** Of the file that was read last; a fleet that is watched asks many times a second. */
  #lastVersion: string | undefined;

  /** Reads the file, so that a broken one is told of at the start. `value` is what each of its keys holds. */
  constructor(folder: string, name: string, value: z.ZodType<T>) {
    this.path = join(folder, `${name}.json`);
    this.#schema = z.record(z.string(), value);
    this.#lastRead = this.#read();
  }

  /**
   * What the file holds; nothing where there is none. One that was broken by others while this core runs does not stop it: it goes on
   * with what it read last, and is told of by the next write and the next start.
   */
  read(): Readonly<Record<string, T>> {
    try {
      const version = versionOf(this.path);
      if (version !== undefined && version === this.#lastVersion) return this.#lastRead;
      this.#lastRead = this.#read();
      this.#lastVersion = version;
    } catch {
      // Told by whoever wants to write it.
    }
    return this.#lastRead;
  }

  /** Replaces all that the file holds. Throws `store-not-written`, or what refuses it at a start; the file is then as it was. */
  write(values: Readonly<Record<string, T>>): void {
    this.#read();
    replacePrivateFile(this.path, `${JSON.stringify({ [versionKey]: firstVersion, ...values }, null, 2)}\n`);
    this.#lastRead = values;
    this.#lastVersion = undefined;
  }

  set(key: string, value: T): void {
    this.write({ ...this.#read(), [key]: value });
  }

  delete(key: string): void {
    const { [key]: value, ...rest } = this.#read();
    if (value !== undefined) this.write(rest);
  }

  #read(): Readonly<Record<string, T>> {
    const text = readPrivateFile(this.path);
    if (text === undefined) return {};
    const { [versionKey]: version, ...values } = this.#fit(objectSchema, this.#parse(text));
    return version > firstVersion ? writtenByNewer(this.path) : this.#fit(this.#schema, values);
  }

  #fit<V>(schema: z.ZodType<V>, value: unknown): V {
    const read = schema.safeParse(value);
    return read.success ? read.data : unreadable(this.path, z.prettifyError(read.error), read.error);
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      return unreadable(this.path, error instanceof Error ? error.message : String(error), error);
    }
  }
}

/** Differs whenever the file was written since: whole, by a rename, as we do it, or in place, as a person's editor may. */
function versionOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && [found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
}
