import { networkInterfaces } from 'node:os';
import type { Clock } from './schedule.ts';

/** How often it is looked whether this computer slept or moved, in ms. */
const tickMs = 5_000;
/** A tick that comes so much too late, or by the clock too early, is no busy moment: the computer slept or its clock was set. */
const jumpMs = 15_000;

/** Bridges and pairs that come and go with containers: another network for them is none for this computer. */
const ofContainers = /^(docker|br-|veth|virbr|cni|flannel|lxc|lxd|podman|vmnet)/;

/** The networks this computer is in, as one text. A temporary IPv6 address is another address and not another network. */
export function networksOf(interfaces: ReturnType<typeof networkInterfaces>): string {
  return Object.entries(interfaces)
    .filter(([name]) => !ofContainers.test(name))
    .flatMap(([name, addresses = []]) =>
      addresses
        .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
        .map(
          ({ address, family }) => `${name} ${family === 'IPv6' ? address.split(':').slice(0, 4).join(':') : address}`,
        ),
    )
    .toSorted()
    .join('\n');
}

export interface WakingOptions {
  readonly clock: Clock;
  /** {@link networksOf} this computer, as it is now. */
  readonly networks?: () => string;
  /** What was known is of before: of another time, or of another network. */
  readonly onWake: () => void;
}

/**
 * Notices that this computer slept, that its clock was set, or that it came into another network. Timers stand still while a computer
 * sleeps, so the clock tells it; nothing else does in a plain Node process.
 */
export class Waking {
  readonly #options: WakingOptions;
  readonly #networks: () => string;
  #cancelTimer = (): void => {};
  #last = 0;
  #known = '';

  constructor(options: WakingOptions) {
    this.#options = options;
    this.#networks = options.networks ?? (() => networksOf(networkInterfaces()));
  }

  start(): void {
    this.stop();
    this.#last = this.#options.clock.now();
    this.#known = this.#networks();
    this.#later();
  }

  stop(): void {
    this.#cancelTimer();
  }

  #later(): void {
    this.#cancelTimer = this.#options.clock.after(tickMs, () => {
      const { clock, onWake } = this.#options;
      const [now, networks] = [clock.now(), this.#networks()];
      const jumped = Math.abs(now - this.#last - tickMs) > jumpMs;
      const moved = networks !== this.#known;
      [this.#last, this.#known] = [now, networks];
      this.#later();
      if (jumped || moved) onWake();
    });
  }
}
