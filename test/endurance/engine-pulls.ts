import type { ChildProcess } from 'node:child_process';
import type { Machine } from '../lab/lab.ts';

/** One real engine that pulls an image, tells the digest it remembers it by, and forgets it again. */
export interface EnginePull {
  readonly name: string;
  pull(reference: string): Promise<string>;
  forget(reference: string): Promise<void>;
}

const folder = '/var/tmp/load-engines';
const socket = `${folder}/containerd.sock`;
const timeoutMs = 120_000;

/** Docker, Podman and containerd of the laptop, pulling from a node by its own address with the certificates that `switch docker` wrote. */
export class LaptopPulls {
  readonly #laptop: Machine;
  readonly #certificates: string;
  #containerd: ChildProcess | undefined;

  constructor(laptop: Machine, node: string) {
    this.#laptop = laptop;
    this.#certificates = `/etc/docker/certs.d/${node}`;
  }

  async open(): Promise<readonly EnginePull[]> {
    const place = `root = "${folder}/containerd"\nstate = "${folder}/containerd-state"`;
    const off = 'disabled_plugins = ["io.containerd.grpc.v1.cri"]';
    const text = `version = 2\n${place}\n${off}\n[grpc]\naddress = "${socket}"\n`;
    await this.#laptop.writeFile(`${folder}/containerd.toml`, text);
    this.#containerd = this.#laptop.spawn(['containerd', '-c', `${folder}/containerd.toml`, '-l', 'error']);
    this.#containerd.stdout?.resume();
    this.#containerd.stderr?.resume();
    await this.#must(['timeout', '20', 'sh', '-c', `until ctr -a ${socket} version; do sleep 0.1; done`]);
    const podman = ['podman', '--root', `${folder}/podman`, '--runroot', `${folder}/podman-run`];
    podman.push('--storage-driver', 'vfs');
    return [
      this.#remembering('docker', ['docker'], []),
      this.#remembering('podman', podman, ['--cert-dir', this.#certificates]),
      this.#ctr(),
    ];
  }

  async close(): Promise<void> {
    const containerd = this.#containerd;
    if (containerd?.exitCode === null) {
      const gone = new Promise((resolve) => containerd.once('close', resolve));
      containerd.kill('SIGKILL');
      await gone;
    }
    await this.#laptop.exec(['rm', '-rf', folder]);
  }

  #remembering(name: string, command: readonly string[], options: readonly string[]): EnginePull {
    return {
      name,
      pull: async (reference) => {
        await this.#must([...command, 'pull', '-q', ...options, reference]);
        const words = ['image', 'inspect', '--format', '{{json .RepoDigests}}', reference];
        return this.#must([...command, ...words]);
      },
      forget: async (reference) => {
        await this.#laptop.exec([...command, 'rmi', '-f', reference], { timeoutMs });
      },
    };
  }

  #ctr(): EnginePull {
    const ctr = ['ctr', '-a', socket, 'images'];
    const { ca, cert, key } = {
      ca: `${this.#certificates}/ca.crt`,
      cert: `${this.#certificates}/client.cert`,
      key: `${this.#certificates}/client.key`,
    };
    return {
      name: 'containerd',
      pull: async (reference) => {
        const access = ['--tlscacert', ca, '--tlscert', cert, '--tlskey', key];
        await this.#must([...ctr, 'pull', '--snapshotter', 'native', ...access, reference]);
        return this.#must([...ctr, 'ls', `name==${reference}`]);
      },
      forget: async (reference) => {
        await this.#laptop.exec([...ctr, 'rm', '--sync', reference], { timeoutMs });
      },
    };
  }

  #must(argv: readonly string[]): Promise<string> {
    return this.#laptop.mustExec(argv, { timeoutMs });
  }
}
