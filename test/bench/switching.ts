import type { Product } from '../e2e/product.ts';
import type { Lab } from '../lab/lab.ts';
import { type Figure, figure, timed } from './figure.ts';
import { withRunningCore } from './running-core.ts';
import { servingNode } from './serving-node.ts';

const rounds = 5;
const sudo = { input: 'dev-sudo-pw\n' };
const restart = 'service docker restart >/dev/null 2>&1; until docker info >/dev/null 2>&1; do sleep 0.02; done';

/**
 * Switch with its proof, beside a restart of the same dockerd until it answers again, which is what people do without a reload: by a core
 * that runs, as the desktop app's does, and by a command that brings its own.
 */
export function measureSwitching(lab: Lab): Promise<readonly Figure[]> {
  return servingNode(lab, 'bench-switching', async (product) => {
    const alone = await inTurn(product);
    const running = await withRunningCore(product, () => inTurn(product));
    return [
      figure({
        name: 'switch and proof by a core that runs ÷ restart of dockerd until docker info answers',
        unit: 'ms',
        ...running,
        goal: 0.5,
      }),
      figure({
        name: 'the same by a command that starts a core of its own ÷ restart',
        unit: 'ms',
        ...alone,
        goal: 0.5,
      }),
    ];
  });
}

async function inTurn(product: Product): Promise<{ ours: number[]; other: number[] }> {
  const to = (route: string): Promise<string> =>
    product.must(['switch', 'docker', route, '--yes', '--sudo-password-stdin'], sudo);
  const ours: number[] = [];
  const other: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await timed(() => to('alpha')));
    await to('direct');
    other.push(await timed(() => product.laptop.mustExec(['sh', '-c', restart])));
  }
  return { ours, other };
}
