import type { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import type { Lab, Machine, MachineName } from '../lab/lab.ts';
import { Terminal } from './terminal.ts';

const checkout = resolve(import.meta.dirname, '../..');
/** The command line from its sources, as argv. */
export const mirrorfleet = [`${checkout}/node_modules/.bin/node`, `${checkout}/main/cli.ts`] as const;

/** How one run of the command line ended. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The product as the person at the laptop runs it: the command line, as an ordinary user, from the checkout unless another is named. */
export class Product {
  readonly laptop: Machine;
  /** The folder of its settings, data and socket on the laptop. */
  readonly home: string;
  readonly #program: readonly string[];

  /** `home` keeps this story's settings apart from another's; `program` is how the command line is called. */
  constructor(laptop: Machine, home: string, program: readonly string[] = mirrorfleet) {
    this.laptop = laptop;
    this.home = `/home/dev/${home}`;
    this.#program = program;
  }

  /** Runs `mirrorfleet …`; `input` is its standard input, which is never a terminal. */
  run(
    words: readonly string[],
    options: { input?: string; timeoutMs?: number; env?: Record<string, string> } = {},
  ): Promise<Said> {
    return this.laptop.exec([...this.#program, ...words], {
      user: 'dev',
      env: { MIRRORFLEET_HOME: this.home, ...options.env },
      input: options.input ?? '',
      timeoutMs: options.timeoutMs ?? 180_000,
    });
  }

  /** Like {@link run}, but anything other than success fails the test with all that was said. */
  async must(words: readonly string[], options: { input?: string; timeoutMs?: number } = {}): Promise<string> {
    const said = await this.run(words, options);
    if (said.code !== 0)
      throw new Error(`mirrorfleet ${words.join(' ')} → ${said.code}\n${said.stdout}\n${said.stderr}`);
    return said.stdout;
  }

  /** The same on a terminal of its own, with a person at it. */
  type(words: readonly string[], env: Readonly<Record<string, string>> = {}): Terminal {
    return new Terminal(this.laptop, [...this.#program, ...words], { MIRRORFLEET_HOME: this.home, ...env });
  }

  /** Starts a command that goes on, in the background; killing the child kills it. */
  start(words: readonly string[]): ChildProcess {
    return this.laptop.spawn([...this.#program, ...words], { user: 'dev', env: { MIRRORFLEET_HOME: this.home } });
  }

  /** The result of a command as JSON. */
  async json(words: readonly string[], options: { input?: string } = {}): Promise<unknown> {
    return JSON.parse(await this.must([...words, '--json'], options));
  }
}

/** The fingerprint a person would read from the server's own console. */
export async function hostKeyOf(server: Machine): Promise<string> {
  const line = await server.mustExec(['ssh-keygen', '-lf', '/etc/ssh/ssh_host_ed25519_key.pub']);
  return line.split(' ')[1] ?? '';
}

/** Everything on a computer that a story must leave as it was: Docker's configuration byte for byte, its live mirrors, the canary's start. */
export async function pictureOfLaptop(laptop: Machine): Promise<Record<string, string>> {
  const file = await laptop.exec([
    'sh',
    '-c',
    'cat /etc/docker/daemon.json 2>&1; stat -c "%a %u:%g" /etc/docker/daemon.json 2>&1',
  ]);
  return {
    configuration: file.stdout,
    certificates: (await laptop.exec(['sh', '-c', 'ls -R /etc/docker/certs.d 2>&1'])).stdout,
    mirrors: (await laptop.mustExec(['docker', 'info', '-f', '{{json .RegistryConfig.Mirrors}}']))
      .trim()
      .replace('null', '[]'),
    canary: (
      await laptop.mustExec(['docker', 'inspect', '-f', '{{.State.StartedAt}} {{.State.Running}}', 'canary'])
    ).trim(),
    daemon: (await laptop.mustExec(['cat', '/var/run/docker.pid'])).trim(),
  };
}

/** Every file, container, image, network and volume of a server outside its own moving parts, for a before and after. */
export async function pictureOfServer(server: Machine): Promise<string> {
  const script = `
    find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /var/log -o -path /var/lib/docker -o -path /var/lib/containerd -o -path /var/cache -o -path /var/lib/systemd -o -path /var/tmp -o -path /root/.cache -o -path /home -o -path /dev \\) -prune -o -type f -print -o -type l -print | sort
    docker ps -a --format '{{.Names}}' | sort; docker images -q --no-trunc | sort; docker network ls --format '{{.Name}}' | sort; docker volume ls -q | sort`;
  return (await server.exec(['sh', '-c', script])).stdout;
}

/**
 * Takes every image but that of the container that always runs from the laptop's Docker. An image that stays, by whatever name, keeps its
 * layers, and then a pull of them asks a mirror for no more than the index.
 */
export async function forgetImages(laptop: Machine): Promise<void> {
  const others = 'docker images -q | sort -u | grep -v "$(docker inspect -f {{.Image}} canary | cut -c8-19)"';
  await laptop.exec(['sh', '-c', `${others} | xargs -r docker rmi -f`]);
}

/** The machine, and a product of this story's own on the laptop, whose Docker has nothing left of what was pulled before. */
export async function openStory(lab: Lab, server: MachineName): Promise<{ server: Machine; product: Product }> {
  const [laptop, machine] = await Promise.all([lab.machine('laptop'), lab.machine(server)]);
  await forgetImages(laptop);
  return { server: machine, product: new Product(laptop, `story-${server}`) };
}
