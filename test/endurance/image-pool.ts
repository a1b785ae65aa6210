import { type Architecture, containerImage, platformImage } from '../lab/images/container-image.ts';
import { incompressibleBytes } from '../lab/images/incompressible-bytes.ts';
import { type Layer, makeLayer } from '../lab/images/layer.ts';
import type { SeededImage } from '../lab/images/seeded-image.ts';
import type { UpstreamName } from '../lab/internet/upstreams.ts';
import type { Internet } from '../lab/lab.ts';

/** So many of the images that came new are drawn again. */
const freshKept = 60;

/** What clients pull: the images that the lab's internet has anyway, and one in twelve that nobody pulled before, published on the spot. */
export class ImagePool {
  /** The upstreams whose images are drawn. */
  served: readonly UpstreamName[];
  readonly #internet: Internet;
  readonly #chance: () => number;
  readonly #prefix: string;
  readonly #catalogue: readonly SeededImage[];
  #fresh: readonly SeededImage[] = [];
  #made = 0;

  /** `prefix` begins the new images' names and bytes, so that those of two runs differ. */
  constructor(internet: Internet, chance: () => number, prefix: string, served: readonly UpstreamName[]) {
    this.#internet = internet;
    this.#chance = chance;
    this.#prefix = prefix;
    this.served = served;
    // One needs an account; two are what the node itself runs.
    this.#catalogue = internet.images.filter(({ repository }) => !/private|envoy|registry/.test(repository));
  }

  oneOf<T>(list: readonly T[]): T {
    const found = list[Math.floor(this.#chance() * list.length)];
    if (found === undefined) throw new Error('There is nothing to choose from.');
    return found;
  }

  /** The layer of 100 MB comes seldom. */
  async draw(): Promise<SeededImage> {
    if (this.#chance() < 1 / 12) {
      const made = await this.#publish(this.oneOf(this.served));
      this.#fresh = [...this.#fresh, made].slice(-freshKept);
      return made;
    }
    const pool = [...this.#catalogue, ...this.#fresh].filter(({ upstream }) =>
      this.served.some((each) => each === upstream),
    );
    const found = this.oneOf(pool);
    return isBig(found) && this.#chance() > 0.3 ? this.oneOf(pool) : found;
  }

  /** One or two platforms, one to four layers of 10 to 300 kB, and now and then one of up to 6 MB. */
  async #publish(upstream: UpstreamName): Promise<SeededImage> {
    this.#made += 1;
    const name = `${this.#prefix}/fresh-${this.#made}`;
    const format = this.#chance() < 0.5 ? 'oci' : 'docker';
    const architectures: readonly Architecture[] = this.#chance() < 0.5 ? ['amd64'] : ['amd64', 'arm64'];
    const count = 1 + Math.floor(this.#chance() * 4);
    const platforms = architectures.map((architecture) => {
      const layers = Array.from({ length: count }, (_, index) => this.#layer(`${name} ${architecture} ${index}`));
      return platformImage(format, architecture, layers, { Cmd: ['true'] });
    });
    return this.#internet.publish(upstream, `${name}:v1`, containerImage(format, platforms));
  }

  #layer(name: string): Layer {
    const size = 10_000 * Math.ceil(this.#chance() < 0.05 ? this.#chance() * 600 : this.#chance() * 30);
    const path = `${name.replaceAll(/[ /]/g, '-')}.bin`;
    return makeLayer([{ type: 'file', path, content: incompressibleBytes(name, size) }], 0);
  }
}

export function isBig({ repository }: SeededImage): boolean {
  return repository === 'library/big';
}
