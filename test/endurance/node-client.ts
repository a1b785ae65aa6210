import { expect } from 'vitest';
import type { Product } from '../e2e/product.ts';
import type { Lab } from '../lab/lab.ts';

const images = [
  { path: '/v2/library/nginx/manifests/alpine', reference: 'docker.io/library/nginx:alpine' },
  { path: '/v2/ghcr.io/library/nginx/manifests/alpine', reference: 'ghcr.io/library/nginx:alpine' },
] as const;

/** A client of a node whose name, and with it the certificate, changes: it knows itself by the certificate of this laptop, and looks at content only. */
export class NodeClient {
  readonly #lab: Lab;
  readonly #product: Product;
  readonly #address: string;
  readonly #certificates: string;
  #known = false;

  constructor(lab: Lab, product: Product, address: string) {
    this.#lab = lab;
    this.#product = product;
    this.#address = address;
    this.#certificates = `${product.home}-certificates`;
  }

  /** Whether it has its certificate. */
  get known(): boolean {
    return this.#known;
  }

  /** Keeps the client certificate that a switch to the running node writes. Until then nothing answers this client. */
  async keepCertificates(node: string): Promise<void> {
    const { laptop } = this.#product;
    const sudo = { input: 'dev-sudo-pw\n' };
    const follow = (route: string) =>
      this.#product.must(['switch', 'docker', route, '--yes', '--sudo-password-stdin'], sudo);
    await follow(node);
    await laptop.mustExec(['cp', '-r', `/etc/docker/certs.d/${this.#address}`, this.#certificates]);
    await follow('direct');
    this.#known = true;
  }

  /** What the edge says to a question for an image: status and digest; 000 where nothing answers. */
  async #answer(path: string): Promise<string> {
    const words = ['curl', '-sk', '-m', '8', '-o', '/dev/null', '-w', '%{http_code} %header{docker-content-digest}'];
    const folder = this.#certificates;
    const identity = ['--cert', `${folder}/client.cert`, '--key', `${folder}/client.key`];
    const accept = ['-H', 'accept: application/vnd.oci.image.index.v1+json'];
    const all = [...words, ...identity, ...accept, `https://${this.#address}${path}`];
    return (await this.#product.laptop.exec(all)).stdout.trim();
  }

  /** Answers that are neither the right image nor a clean refusal. */
  async wrongAnswers(): Promise<string[]> {
    const found = await Promise.all(
      images.map(async ({ path, reference }) => {
        const said = await this.#answer(path);
        const right = `200 ${this.#lab.internet.image(reference).digest}`;
        return said === right || /^(000|404|50[0234])$/.test(said) ? [] : [`${reference} is "${said}", not "${right}"`];
      }),
    );
    return found.flat();
  }

  /** Waits until the node serves docker.io, which nobody helps it to do; gives how long that took in ms. */
  async served(): Promise<number> {
    const [{ path, reference }] = images;
    const began = Date.now();
    await expect
      .poll(() => this.#answer(path), { timeout: 60_000, interval: 300 })
      .toBe(`200 ${this.#lab.internet.image(reference).digest}`);
    return Date.now() - began;
  }
}
