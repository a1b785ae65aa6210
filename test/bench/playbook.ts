import { join } from 'node:path';
import { defaultUpstreams, upstreamOf } from '../../main/fleet/upstreams.ts';
import { storageName, twinService } from '../../main/fleet/node-layout.ts';
import { registryUser } from '../../main/provision/render/container-paths.ts';
import { Stage } from '../integration/provision-stage.ts';
import type { Lab, Machine } from '../lab/lab.ts';
import { ansibleFolder, bringTools } from './tools.ts';

const folder = '/home/dev/bench-playbook';
const manifests = 'application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json';

/** The playbook of `playbook/site.yml` on the laptop, with the files of a node that are the product's own, for the server alpha. */
export class Playbook {
  readonly #laptop: Machine;
  readonly #server: Machine;
  readonly #ansible: string;

  private constructor(laptop: Machine, server: Machine, ansible: string) {
    this.#laptop = laptop;
    this.#server = server;
    this.#ansible = ansible;
  }

  static async open(lab: Lab): Promise<Playbook> {
    const ansible = await ansibleFolder();
    const [laptop, stage] = [await lab.machine('laptop'), await Stage.open(lab, 'alpha', defaultUpstreams)];
    await bringTools(stage.machine);
    const image = {
      registry: 'docker.io/library/registry:3.1.1',
      envoy: 'docker.io/envoyproxy/envoy:distroless-v1.40.0',
    };
    const { files, directories } = stage.request().render(image);
    await stage.host.close();
    const place = (path: string): string => join(folder, path);
    for (const { path, text } of files) await laptop.writeFile(place(path), text);
    const { ca = '', certificate = '', key } = stage.identity;
    await laptop.writeFile(place('ca.pem'), ca);
    await laptop.writeFile(place('client.pem'), `${certificate}${key?.reveal() ?? ''}`);
    await laptop.writeFile(place('ask.curl'), questions(stage.spec.address));
    await laptop.writeFile(place('hosts'), `[servers]\n${stage.spec.address} ansible_user=root\n`);
    const owned = ({ path, mode, owner }: { path: string; mode: number; owner: { uid: number; gid: number } }) => ({
      path,
      mode: `0${mode.toString(8)}`,
      owner: `${owner.uid}`,
      group: `${owner.gid}`,
    });
    const variables = {
      files: folder,
      folders: directories
        .filter(({ path, target }) => target === undefined && path.split('/').length < 3 && !isStore(path))
        .map(owned),
      contents: files.map(owned),
      upstreams: defaultUpstreams.map(storageName),
      stores: [...defaultUpstreams.map(storageName), twinService],
      store_owner: `${registryUser.uid}:${registryUser.gid}`,
    };
    await laptop.writeFile(place('variables.json'), JSON.stringify(variables));
    await laptop.mustExec(['chown', '-R', 'dev:', folder]);
    return new Playbook(laptop, stage.machine, ansible);
  }

  /** Plays it to its end; what it changed, as its recap says. */
  async play(): Promise<number> {
    const book = join(import.meta.dirname, 'playbook');
    const said = await this.#laptop.mustExec(
      [
        '/usr/bin/python3',
        join(this.#ansible, 'bin/ansible-playbook'),
        '-i',
        'hosts',
        '-e',
        '@variables.json',
        join(book, 'site.yml'),
      ],
      {
        user: 'dev',
        cwd: folder,
        env: { PYTHONPATH: this.#ansible, ANSIBLE_CONFIG: join(book, 'ansible.cfg') },
        timeoutMs: 240_000,
      },
    );
    const [, changed] = /changed=(\d+)/.exec(said) ?? [];
    if (changed === undefined) throw new Error(`ansible-playbook ended without a recap:\n${said}`);
    return Number(changed);
  }

  /** The server as it was before: no container, no image, no folder. */
  async takeBack(): Promise<void> {
    const script = `
      cd /opt/mirrorfleet 2>/dev/null || exit 0
      docker compose -p mirrorfleet down --rmi all --timeout 1; cd /; rm -rf /opt/mirrorfleet`;
    await this.#server.mustExec(['sh', '-c', script], { timeoutMs: 120_000 });
  }
}

const isStore = (path: string): boolean => /^data\/(?!blobs$)/.test(path);

/** What `curl --config` asks: the index of a small image through each upstream. */
function questions(address: string): string {
  const asked = defaultUpstreams.flatMap((id) => {
    const { probe } = upstreamOf(id);
    return [
      `url = "https://${address}/v2/${probe.repository}/manifests/${probe.tag}?ns=${id}"`,
      'output = "/dev/null"',
    ];
  });
  return [
    `cacert = "${folder}/ca.pem"`,
    `cert = "${folder}/client.pem"`,
    `header = "Accept: ${manifests}"`,
    ...asked,
    '',
  ].join('\n');
}
