import type { ChildProcess } from 'node:child_process';
import type { Machine } from '../lab/lab.ts';

const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');

/** A command on a real pseudo-terminal of a machine, and a person who reads its screen and types. */
export class Terminal {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  #text = '';
  #seen = 0;
  #wake: () => void = () => {};

  constructor(machine: Machine, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const quoted = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    // util-linux's script gives the command a terminal of its own and ends with the command's code.
    this.#child = machine.spawn(['script', '-qefc', quoted, '/dev/null'], {
      user: 'dev',
      env: { TERM: 'xterm', ...env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#text += chunk.toString();
        this.#wake();
      });
    this.#ended = new Promise((resolve) =>
      this.#child.on('close', (code) => {
        resolve(code ?? 137);
        this.#wake();
      }),
    );
  }

  /** All that was shown so far, without the codes that move the cursor. */
  get screen(): string {
    return this.#text.replaceAll(escapes, '').replaceAll('\r', '');
  }

  /** All that was shown, with the codes. */
  get raw(): string {
    return this.#text;
  }

  /** Waits until something new on the screen fits; throws with the screen when it does not come. */
  async see(wanted: RegExp, timeoutMs = 30_000): Promise<RegExpExecArray> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = wanted.exec(this.screen.slice(this.#seen));
      if (found) {
        this.#seen += found.index + found[0].length;
        return found;
      }
      const left = deadline - Date.now();
      if (left <= 0 || this.#child.exitCode !== null)
        throw new Error(`${wanted} did not come (exit ${this.#child.exitCode}); the screen:\n${this.screen}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  line(text: string): void {
    this.type(`${text}\r`);
  }

  /** The exit code, when it ended by itself. */
  ended(timeoutMs = 60_000): Promise<number> {
    const late = new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error(`it did not end; the screen:\n${this.screen}`)), timeoutMs).unref(),
    );
    return Promise.race([this.#ended, late]);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
