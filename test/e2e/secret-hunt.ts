import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { catalogue } from '../lab/catalogue.ts';
import { mustRun } from '../lab/command.ts';
import type { Lab, Machine } from '../lab/lab.ts';
import { machinePid } from '../lab/machine-boot.ts';
import { formsOf } from './secret-forms.ts';

/** Where a secret was found. */
export interface Find {
  readonly secret: string;
  /** `laptop:/etc/x`, `process on gamma: sudo -S`, `said: mirrorfleet status` … */
  readonly where: string;
  /** Mode and owner of a file, as `600 0`. */
  readonly mode?: string;
}

/** What may have been written to. /proc, /sys and devices hold no files; a machine shows this checkout and the lab's own state as they are here. */
const written = ['home', 'root', 'tmp', 'var', 'etc', 'opt', 'run', 'dev/shm', 'srv', 'usr/local', 'mnt', 'media'];
const checkout = resolve(import.meta.dirname, '../..').slice(1);
const notLooked = [checkout, 'var/tmp/mirrorfleet-lab', 'root/.cache', 'proc', 'sys'];

/** Looks for secrets everywhere on some machines, from its start on. */
export class SecretHunt {
  readonly #lab: Lab;
  readonly #machines: readonly Machine[];
  readonly #since = Date.now() / 1000;
  readonly #watch: ChildProcess;
  readonly #watched: Promise<string>;
  readonly #said: { readonly where: string; readonly text: string }[] = [];

  constructor(lab: Lab, machines: readonly Machine[]) {
    this.#lab = lab;
    this.#machines = machines;
    const program = resolve(import.meta.dirname, 'process-watch.ts');
    this.#watch = spawn(process.execPath, [program, ...machines.map((each) => `${this.#rootOf(each)}/proc`)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let text = '';
    this.#watch.stdout?.on('data', (part: Buffer) => (text += part.toString()));
    this.#watched = new Promise((done) => this.#watch.once('close', () => done(text.slice(text.indexOf('\n') + 1))));
  }

  /** Something that was shown: a command's output, a frame to the page. */
  hear(where: string, text: string): void {
    this.#said.push({ where, text });
  }

  /** Everything that was found, and the command lines that the watch saw. Ends the watch. */
  async end(secrets: ReadonlyMap<string, Buffer>): Promise<{ readonly finds: Find[]; readonly commands: string[] }> {
    const forms = [...secrets].map(([name, secret]) => ({ name, forms: formsOf(secret) }));
    const namesIn = (bytes: Buffer): string[] =>
      forms.filter((each) => each.forms.some((form) => bytes.includes(form))).map(({ name }) => name);
    this.#watch.stdin?.end();
    const processes = JSON.parse(await this.#watched) as [folder: string, text: string][];
    const finds: Find[] = processes.flatMap(([folder, text]) =>
      namesIn(Buffer.from(text, 'latin1')).map((secret) => ({
        secret,
        where: `process on ${this.#machines.find((each) => folder === `${this.#rootOf(each)}/proc`)?.name}: ${text.replaceAll('\0', ' ')}`,
      })),
    );
    for (const { where, text } of this.#said)
      finds.push(...namesIn(Buffer.from(text)).map((secret) => ({ secret, where: `said: ${where}` })));
    for (const machine of this.#machines) {
      finds.push(
        ...(await this.#files(
          machine,
          forms.flatMap((each) => each.forms),
          namesIn,
        )),
      );
      for (const [what, text] of await engineAndJournal(machine))
        finds.push(...namesIn(Buffer.from(text)).map((secret) => ({ secret, where: `${machine.name}: ${what}` })));
    }
    return { finds, commands: processes.map(([, text]) => text.replaceAll('\0', ' ').trim()) };
  }

  /** Files whose content, name or owner changed since the start and that hold a form. */
  async #files(machine: Machine, forms: readonly Buffer[], namesIn: (bytes: Buffer) => string[]): Promise<Find[]> {
    const root = this.#rootOf(machine);
    const patterns = join(this.#lab.state.dir, `forms-${machine.name}`);
    writeFileSync(patterns, Buffer.concat(forms.flatMap((form) => [form, Buffer.from('\n')])), { mode: 0o600 });
    const skipped = notLooked.flatMap((path) => ['-path', `${root}/${path}`, '-o']).slice(0, -1);
    const script =
      'cd /; LC_ALL=C; export LC_ALL; patterns=$1; shift; find "$@" -print0 2>/dev/null | xargs -0 -r grep -aFlZ -s -f "$patterns" || true';
    const places = written.map((place) => `${root}/${place}`);
    const since = ['-type', 'f', '-newerct', `@${this.#since}`];
    const found = await mustRun([
      'bash',
      '-c',
      script,
      'look',
      patterns,
      ...places,
      '(',
      ...skipped,
      ')',
      '-prune',
      '-o',
      ...since,
    ]);
    rmSync(patterns);
    return found.split('\0').flatMap((path) => {
      if (path === '') return [];
      const { mode, uid } = statSync(path);
      return namesIn(readFileSync(path)).map((secret) => ({
        secret,
        where: `${machine.name}:${path.slice(root.length)}`,
        mode: `${(mode & 0o7777).toString(8)} ${uid}`,
      }));
    });
  }

  #rootOf(machine: Machine): string {
    return `/proc/${machinePid(this.#lab.state, catalogue[machine.name])}/root`;
  }
}

/** What the engine says of its containers, images and volumes, and what the system keeps in its journal, where it has one. */
async function engineAndJournal(machine: Machine): Promise<readonly (readonly [string, string])[]> {
  const engine =
    'docker inspect $(docker ps -aq) $(docker images -q | sort -u); docker network inspect $(docker network ls -q); for each in $(docker ps -aq); do docker logs $each; docker top $each; done; docker system info; cd /opt/mirrorfleet && { docker compose config || docker-compose config; }';
  const journal = 'command -v journalctl >/dev/null && journalctl -a --no-pager -o export';
  return [
    ['the engine', (await machine.exec(['sh', '-c', `{ ${engine}; } 2>&1`])).stdout],
    ['the journal', (await machine.exec(['sh', '-c', journal])).stdout],
  ];
}
