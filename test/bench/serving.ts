import { hostKeyOf, type Product } from '../e2e/product.ts';
import type { Lab, Machine } from '../lab/lab.ts';
import { type Figure, figure, timed } from './figure.ts';
import { Playbook } from './playbook.ts';
import { openProduct } from './serving-node.ts';

const rounds = 3;
/** Times that each does nothing after it did something. */
const again = 2;

/** A bare server until it serves, and then again with nothing to do: ours and the playbook in turn on the same server. */
export async function measureServing(lab: Lab): Promise<readonly Figure[]> {
  const { product, server } = await openProduct(lab, 'bench-serving');
  const playbook = await Playbook.open(lab);
  const bare = { ours: [] as number[], applied: [] as number[], other: [] as number[] };
  const noOp = { ours: [] as number[], other: [] as number[], trips: [] as number[], login: [] as number[] };
  try {
    for (let round = 0; round < rounds; round += 1) {
      bare.other.push(await timed(() => playbook.play()));
      for (let time = 0; time < again; time += 1) noOp.other.push(await timed(() => nothingToPlay(playbook)));
      await playbook.takeBack();
      const added = await timed(async () => add(product, server));
      const applied = await timed(() => apply(product));
      bare.ours.push(added + applied);
      bare.applied.push(applied);
      for (let time = 0; time < again; time += 1) {
        noOp.ours.push(await timed(async () => noOp.trips.push(roundTrips(await apply(product)))));
        noOp.login.push(await timed(() => product.laptop.mustExec(login(server), { user: 'dev' })));
      }
      await product.must(['node', 'remove', 'alpha', '--yes']);
    }
  } finally {
    await playbook.takeBack();
    await product.run(['node', 'remove', 'alpha', '--yes']);
  }
  return [
    figure({
      name: 'bare server to serving ÷ an Ansible playbook',
      unit: 'ms',
      ours: bare.ours,
      other: bare.other,
      goal: 0.5,
    }),
    figure({ name: 'bare server to serving, five upstreams', unit: 'ms', ours: bare.ours, goal: 60_000 }),
    figure({ name: 'bare server to serving, the apply alone', unit: 'ms', ours: bare.applied }),
    figure({
      name: 'apply that finds nothing to do ÷ the same playbook again',
      unit: 'ms',
      ours: noOp.ours,
      other: noOp.other,
      goal: 0.1,
    }),
    figure({
      name: 'apply that finds nothing to do ÷ ssh server true',
      unit: 'ms',
      ours: noOp.ours,
      other: noOp.login,
      goal: 4,
    }),
    figure({ name: 'round trips of an apply that finds nothing to do', unit: 'trips', ours: noOp.trips, goal: 2 }),
  ];
}

const apply = (product: Product): Promise<string> => product.must(['node', 'apply', 'alpha', '--yes']);

async function add(product: Product, server: Machine): Promise<void> {
  const words = ['node', 'add', 'alpha', `root@${server.ip}`, '--accept-host-key', await hostKeyOf(server)];
  await product.must(words);
}

const roundTrips = (said: string): number => Number(/\((\d+) round trip/.exec(said)?.[1] ?? Number.NaN);

const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
/** A bare login with its own handshake. */
const login = ({ ip }: Machine): string[] => ['ssh', ...options.flatMap((each) => ['-o', each]), `root@${ip}`, 'true'];

/** The playbook with nothing to do. */
async function nothingToPlay(playbook: Playbook): Promise<void> {
  const changed = await playbook.play();
  if (changed > 0) throw new Error(`the playbook changed ${changed} where nothing was to do`);
}
