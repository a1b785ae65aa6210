import type { Lab } from '../lab/lab.ts';
import { type Figure, figure, timed } from './figure.ts';
import { servingNode } from './serving-node.ts';

const rounds = 5;
const sudo = { input: 'dev-sudo-pw\n' };

/** Switch with its proof, beside a restart of the same dockerd until it answers again, which is what people do without a reload. */
export function measureSwitching(lab: Lab): Promise<readonly Figure[]> {
  return servingNode(lab, 'bench-switching', async (product) => {
    const to = (route: string): Promise<string> =>
      product.must(['switch', 'docker', route, '--yes', '--sudo-password-stdin'], sudo);
    const restart = 'service docker restart >/dev/null 2>&1; until docker info >/dev/null 2>&1; do sleep 0.02; done';
    const ours: number[] = [];
    const other: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await timed(() => to('alpha')));
      await to('direct');
      other.push(await timed(() => product.laptop.mustExec(['sh', '-c', restart])));
    }
    return [
      figure({
        name: 'switch and proof ÷ restart of dockerd until docker info answers',
        unit: 'ms',
        ours,
        other,
        goal: 0.5,
      }),
    ];
  });
}
