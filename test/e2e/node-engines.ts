import type { ChildProcess } from 'node:child_process';
import type { Machine } from '../lab/lab.ts';
import type { NodeLaptop } from './node-laptop.ts';

/** Engines other than Docker on the laptop, each in a folder of its own, configured for one node as their manuals say. */
export class LaptopEngines {
  readonly #at: NodeLaptop;
  readonly #laptop: Machine;
  readonly #folder = '/var/tmp/node-engines';
  #containerd: ChildProcess | undefined;

  constructor(at: NodeLaptop) {
    this.#at = at;
    this.#laptop = at.laptop;
  }

  async open(): Promise<void> {
    const { node, certificates } = this.#at;
    const mirror = (name: string): string =>
      `[[registry]]\nprefix = "${name}"\nlocation = "${name}"\n[[registry.mirror]]\nlocation = "${node}/${name}"\n`;
    await this.#write('registries.conf', ['docker.io', 'ghcr.io'].map(mirror).join('\n'));
    const access = `  ca = "${certificates}/ca.crt"\n  client = [["${certificates}/client.cert", "${certificates}/client.key"]]\n`;
    const pull = '  capabilities = ["pull", "resolve"]\n';
    await this.#write('hosts-ns/_default/hosts.toml', `[host."https://${node}"]\n${pull}${access}`);
    for (const [name, server] of [
      ['docker.io', 'registry-1.docker.io'],
      ['ghcr.io', 'ghcr.io'],
    ] as const) {
      const host = `[host."https://${node}/v2/${name}"]\n${pull}  override_path = true\n${access}`;
      await this.#write(`hosts-alias/${name}/hosts.toml`, `server = "https://${server}"\n${host}`);
    }
    const place = `root = "${this.#folder}/containerd"\nstate = "${this.#folder}/containerd-state"`;
    const off = 'disabled_plugins = ["io.containerd.grpc.v1.cri"]';
    await this.#write('containerd.toml', `version = 2\n${place}\n${off}\n[grpc]\naddress = "${this.#socket}"\n`);
    this.#containerd = this.#laptop.spawn(['containerd', '-c', `${this.#folder}/containerd.toml`, '-l', 'error']);
    this.#containerd.stdout?.resume();
    this.#containerd.stderr?.resume();
    await this.#laptop.mustExec([
      'timeout',
      '20',
      'sh',
      '-c',
      `until ctr -a ${this.#socket} version; do sleep 0.1; done`,
    ]);
  }

  async close(): Promise<void> {
    const containerd = this.#containerd;
    if (containerd?.exitCode === null) {
      const gone = new Promise((resolve) => containerd.once('close', resolve));
      containerd.kill('SIGKILL');
      await gone;
    }
    await this.#laptop.exec(['rm', '-rf', this.#folder]);
  }

  /** Pulls with containerd, told by `?ns=` or by the path what is wanted; gives the digest it resolved the tag to. */
  async containerd(reference: string, by: 'ns' | 'alias'): Promise<string> {
    const ctr = ['ctr', '-a', this.#socket, '-n', by, 'images'];
    const hosts = `${this.#folder}/hosts-${by}`;
    await this.#laptop.mustExec([...ctr, 'pull', '--snapshotter', 'native', '--hosts-dir', hosts, reference]);
    const line = (await this.#laptop.mustExec([...ctr, 'ls', `name==${reference}`])).split('\n')[1] ?? '';
    return /sha256:[0-9a-f]{64}/.exec(line)?.[0] ?? line;
  }

  /** Pulls with Podman; gives the digests it remembers the image by. */
  async podman(reference: string): Promise<string[]> {
    const podman = ['podman', '--root', `${this.#folder}/podman`, '--runroot', `${this.#folder}/podman-run`];
    podman.push('--storage-driver', 'vfs');
    await this.#laptop.mustExec([...podman, 'pull', '-q', '--cert-dir', this.#at.certificates, reference], this.#conf);
    const inspect = [...podman, 'image', 'inspect', '--format', '{{json .RepoDigests}}', reference];
    const json = await this.#laptop.mustExec(inspect, this.#conf);
    return (JSON.parse(json) as string[]).map((each) => each.replace(/^.*@/, ''));
  }

  /** Copies an image with skopeo into a folder; gives the digest of the manifest that lies there. */
  async skopeo(reference: string): Promise<string> {
    const to = `${this.#folder}/skopeo`;
    await this.#laptop.exec(['rm', '-rf', to]);
    const copy = [
      'skopeo',
      '--registries-conf',
      `${this.#folder}/registries.conf`,
      'copy',
      '-q',
      '--src-cert-dir',
      this.#at.certificates,
      `docker://${reference}`,
      `dir:${to}`,
    ];
    await this.#laptop.mustExec(copy);
    return `sha256:${(await this.#laptop.mustExec(['sha256sum', `${to}/manifest.json`])).slice(0, 64)}`;
  }

  get #socket(): string {
    return `${this.#folder}/containerd.sock`;
  }

  get #conf(): { env: Record<string, string> } {
    return { env: { CONTAINERS_REGISTRIES_CONF: `${this.#folder}/registries.conf` } };
  }

  #write(path: string, text: string): Promise<void> {
    return this.#laptop.writeFile(`${this.#folder}/${path}`, text);
  }
}
