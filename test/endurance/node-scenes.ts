import { type Product, hostKeyOf } from '../e2e/product.ts';
import type { Machine } from '../lab/lab.ts';

/** A change of a server that is crashed in the middle. */
export interface Scene {
  readonly title: string;
  readonly prepare: () => Promise<void>;
  /** What is interrupted. */
  readonly words: readonly string[];
  /** How many steps it tells of. */
  readonly steps: number;
  /** What a person does afterwards: the same again, or to give it up. */
  readonly next: readonly string[];
  /** The node serves docker.io before and after, so it has to in between too. */
  readonly serves: boolean;
}

export const apply: readonly string[] = ['node', 'apply', 'alpha', '--yes'];
export const remove: readonly string[] = ['node', 'remove', 'alpha', '--yes'];

/** The scenes. One after another they lead from a bare server to a bare server. `name` is another name of the server. */
export function scenesOf(product: Product, alpha: Machine, name: string): readonly Scene[] {
  /** `node add` again is how a node gets other upstreams or another address. */
  const wish = (upstreams: string, address?: string) => async (): Promise<void> => {
    const words = ['node', 'add', 'alpha', `root@${alpha.ip}`, '--upstream', upstreams];
    const trust = ['--accept-host-key', await hostKeyOf(alpha)];
    await product.must([...words, ...trust, ...(address === undefined ? [] : ['--address', address])]);
  };
  const first = { prepare: wish('docker.io'), words: apply, steps: 11, serves: false };
  const change = { words: apply, next: apply, serves: true };
  return [
    { ...first, title: 'a first apply that is given up', next: remove },
    { ...first, title: 'a first apply', next: apply },
    { ...change, title: 'one more upstream', steps: 9, prepare: wish('docker.io,ghcr.io') },
    { ...change, title: 'another name: routes and certificate', steps: 6, prepare: wish('docker.io,ghcr.io', name) },
    { ...change, title: 'one upstream less', steps: 9, prepare: wish('docker.io', name) },
    {
      title: 'a removal, with a schedule',
      prepare: async () => {
        await product.must(['cache', 'schedule', 'alpha', '--at', '03:30', '--unused', '30d']);
      },
      words: remove,
      steps: 6,
      next: remove,
      serves: false,
    },
  ];
}
