import { join } from 'node:path';
import { type PeerCertificate, type TLSSocket, connect } from 'node:tls';
import { cacheListSchema } from '../../preload/contract/cache.ts';
import { hostKeyOf, type Product } from '../e2e/product.ts';
import type { Machine } from '../lab/lab.ts';
import type { UpstreamName } from '../lab/internet/upstreams.ts';
import type { Window } from './weather.ts';
import type { Credentials } from './wire.ts';
import { mirrorPort } from '../../main/provision/render/container-paths.ts';

const folder = '/opt/mirrorfleet';
const password = { input: 'dev-sudo-pw\n' };

/** Everything that a person does to a node while others pull from it, by the product's own command line, and a crash now and then. */
export class Operator {
  readonly #product: Product;
  readonly #server: Machine;
  readonly #chance: () => number;
  /** When which mirror was down because its process was killed. */
  readonly crashes: Window[] = [];

  constructor(product: Product, server: Machine, chance: () => number) {
    this.#product = product;
    this.#server = server;
    this.#chance = chance;
  }

  async apply(upstreams: readonly string[]): Promise<void> {
    const { ip } = this.#server;
    const words = ['--upstream', upstreams.join(','), '--accept-host-key', await hostKeyOf(this.#server)];
    await this.#product.must(['node', 'add', 'alpha', `root@${ip}`, ...words]);
    await this.#product.must(['node', 'apply', 'alpha', '--yes']);
  }

  async follow(route: 'alpha' | 'direct'): Promise<void> {
    await this.#product.must(['switch', 'docker', route, '--yes', '--sudo-password-stdin'], password);
  }

  /** What the switch wrote for Docker. */
  async credentials(): Promise<Credentials> {
    const at = `/etc/docker/certs.d/${this.#server.ip}`;
    const { laptop } = this.#product;
    const [ca, cert, key] = await Promise.all(
      ['ca.crt', 'client.cert', 'client.key'].map((name) => laptop.readFile(`${at}/${name}`)),
    );
    return { ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
  }

  /** Somebody edits the routes by hand, which is live at once; the next apply pushes ours again. */
  async pushRoutes(): Promise<void> {
    const edit = `cd ${folder}/envoy/xds && awk 'NR > 1 && /version_info/ { print "version_info: by-hand"; next } { print }' rds.yaml >rds.new &&
      grep -q by-hand rds.new && chown --reference=rds.yaml rds.new && chmod --reference=rds.yaml rds.new && mv rds.new rds.yaml`;
    await this.#server.mustExec(['sh', '-c', edit]);
    const said = await this.#product.must(['node', 'apply', 'alpha', '--yes']);
    if (!said.includes('rds.yaml')) throw new Error(`the routes were not pushed:\n${said}`);
  }

  async rotateServerCertificate(credentials: Credentials): Promise<void> {
    const before = await this.#serial(credentials);
    await this.#forget('certificates/server/alpha');
    await this.#product.must(['node', 'apply', 'alpha', '--yes']);
    const after = await this.#serial(credentials);
    if (before === after) throw new Error(`the edge still shows the server certificate ${before}`);
  }

  async renewClientCertificate(): Promise<Credentials> {
    const before = await this.credentials();
    await this.#forget('certificates/client');
    await this.follow('alpha');
    const after = await this.credentials();
    if (before.cert === after.cert) throw new Error('Docker still has the old client certificate');
    return after;
  }

  async pruneOneImage(): Promise<void> {
    const { images } = cacheListSchema.parse(await this.#product.json(['cache', 'list', 'alpha']));
    const named = images.filter(({ tag }) => tag !== undefined);
    const found = named[Math.floor(this.#chance() * named.length)];
    if (found === undefined) return;
    await this.#prune('--image', `${found.upstream}/${found.repository}:${found.tag}`);
  }

  pruneAll(): Promise<void> {
    return this.#prune('--all');
  }

  async pruneToHalf(): Promise<void> {
    const { bytes } = cacheListSchema.parse(await this.#product.json(['cache', 'list', 'alpha']));
    await this.#prune('--to-size', String(Math.floor(bytes / 2)));
  }

  async scrub(): Promise<void> {
    const said = await this.#product.must(['cache', 'scrub', 'alpha', '--repair']);
    if (!said.includes('every one is what its digest says')) throw new Error(said);
  }

  /** Kills a mirror's process, which the engine then starts again, and waits until the mirror answers. */
  async crash(upstream: UpstreamName): Promise<void> {
    const name = `mirrorfleet-mirror-${upstream}-1`;
    const window: Window = { what: 'crash', where: upstream, from: Date.now() };
    this.crashes.push(window);
    const script = `pid=$(docker inspect -f '{{.State.Pid}}' "$1"); kill -9 "$pid"
      for try in $(seq 300); do
        set -- "$1" "$2" $(docker inspect -f '{{.State.Pid}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1")
        [ "$3" != "$pid" ] && [ "$3" != 0 ] && curl -sfm 1 -o /dev/null "http://$4:$2/" && exit 0
        sleep 0.1
      done; exit 1`;
    await this.#server.mustExec(['sh', '-c', script, 'crash', name, `${mirrorPort(upstream)}`]);
    window.to = Date.now();
  }

  async #prune(...words: string[]): Promise<void> {
    await this.#product.must(['cache', 'prune', 'alpha', ...words, '--grace', '0s', '--yes']);
  }

  async #forget(secret: string): Promise<void> {
    const { laptop, home } = this.#product;
    const script = join(import.meta.dirname, 'forget-secret.ts');
    const node = join(import.meta.dirname, '../../node_modules/.bin/node');
    await laptop.mustExec([node, script, `${home}/config`, secret], { user: 'dev' });
  }

  /** The serial number of the certificate that the edge shows to a new connection. */
  async #serial(credentials: Credentials): Promise<string> {
    const socket: TLSSocket = connect({ host: this.#server.ip, port: 443, ...credentials });
    try {
      const certificate = await new Promise<PeerCertificate>((resolve, reject) => {
        socket.once('error', reject);
        socket.once('secureConnect', () => resolve(socket.getPeerCertificate()));
      });
      return certificate.serialNumber;
    } finally {
      socket.destroy();
    }
  }
}
