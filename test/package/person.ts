import { spawn } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandResult, runCommand } from '../lab/command.ts';

const uid = 1000;
const asUser = ['/usr/bin/setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];

/** An ordinary user with an empty home, whose PATH has what a shell script needs and no Node. */
export class Person {
  readonly #home = mkdtempSync(join(tmpdir(), 'mirrorfleet-person-'));
  readonly #env: Readonly<Record<string, string>>;

  constructor() {
    const bin = join(this.#home, 'bin');
    mkdirSync(bin);
    for (const program of ['sh', 'dirname', 'readlink']) symlinkSync(`/usr/bin/${program}`, join(bin, program));
    chownSync(this.#home, uid, uid);
    this.#env = { HOME: this.#home, PATH: bin, LANG: 'C.UTF-8' };
  }

  run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
    return runCommand([...asUser, ...argv], { env: { ...this.#env, ...env }, cwd: '/', timeoutMs: 60_000 });
  }

  /** Runs a script in a desktop session of its own, with everything that is installed. */
  inSession(script: string): Promise<CommandResult> {
    return this.run(['/usr/bin/dbus-run-session', '--', 'sh', '-c', script], { PATH: '/usr/bin:/bin' });
  }

  file(name: string, content: string): string {
    const path = join(this.#home, name);
    writeFileSync(path, content);
    return path;
  }

  link(name: string, to: string): string {
    const path = join(this.#home, name);
    symlinkSync(to, path);
    return path;
  }

  /** Starts a program that prints an address, and gives what is served at it; the program is ended. */
  async firstPage(argv: readonly string[]): Promise<string> {
    const [program = '', ...rest] = [...asUser, ...argv];
    const child = spawn(program, rest, { env: this.#env, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    let said = '';
    const address = await new Promise<string>((found, failed) => {
      child.stdout.on('data', (part: Buffer) => {
        said += part.toString();
        const [seen] = /http:\/\/127\.0\.0\.1:\d+\//.exec(said) ?? [];
        if (seen !== undefined) found(seen);
      });
      void ended.then(() => failed(new Error(`no address:\n${said}`)));
    });
    try {
      return await (await fetch(address)).text();
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
  }

  forget(): void {
    rmSync(this.#home, { recursive: true });
  }
}
