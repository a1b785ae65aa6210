import type { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { ExecOptions, Machine } from '../lab/machine.ts';

export const helperProgram = resolve(import.meta.dirname, '../../main/runtimes/privileged-helper.ts');

const answerSchema = z
  .object({
    ok: z.boolean(),
    problem: z.object({ code: z.string() }).optional(),
    backups: z.array(z.string()).default([]),
    files: z.array(z.object({ path: z.string(), sha256: z.string() })).default([]),
  })
  .loose();
export type HelperAnswer = z.infer<typeof answerSchema>;

/** A privileged helper that runs on a machine and is asked one thing after the other, as the core asks it. */
export class HelperDialog {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly ended: Promise<number>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdin?.on('error', () => {});
    child.stderr?.resume();
    if (child.stdout === null) throw new Error('a helper without an output');
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.ended = new Promise((done) => child.once('close', (code) => done(code ?? 137)));
  }

  /** Runs `argv`, which becomes the helper; `first` is what has to stand on its input before the greeting (a password and a line's end). */
  static async start(
    machine: Machine,
    argv: readonly string[],
    options: ExecOptions = {},
    first = '',
  ): Promise<HelperDialog> {
    const dialog = new HelperDialog(machine.spawn(argv, options));
    dialog.#child.stdin?.write(`${first}{"verb":"hello"}\n`);
    if (!(await dialog.answer()).ok) throw new Error('the helper did not greet');
    return dialog;
  }

  /** A text is sent as it is, for what is no JSON. */
  say(request: object | string): void {
    this.#child.stdin?.write(`${typeof request === 'string' ? request : JSON.stringify(request)}\n`);
  }

  /** The next answer; one that is not ok where the helper ended. */
  async answer(): Promise<HelperAnswer> {
    const line = await this.#lines.next();
    return line.done === true ? answerSchema.parse({ ok: false }) : answerSchema.parse(JSON.parse(line.value));
  }

  ask(request: object | string): Promise<HelperAnswer> {
    this.say(request);
    return this.answer();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    await this.ended;
  }
}

/** One file of a plan. `text` null takes it away. */
export const planned = (path: string, expect: string, text: string | null, mode = 0o644): object => ({
  path,
  expect,
  mode,
  bytes: text === null ? null : Buffer.from(text).toString('base64'),
});
