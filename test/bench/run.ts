import { writeFileSync } from 'node:fs';
import { hostKeyOf, openStory, type Product } from '../e2e/product.ts';
import { attachLab, type Machine } from '../lab/lab.ts';
import { measureDesktop } from './desktop.ts';
import { measurePages } from './pages.ts';

/**
 * One figure: ours and the other's in `unit`, medians of the raw rounds beside them; `ratio` is the median of ours ÷ other round by round, so
 * that a machine that slows down slows both. `goal` is the largest ratio (or, without another, the largest value) that is good enough.
 */
interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly other: number | null;
  readonly ratio: number | null;
  readonly goal: number;
  readonly met: boolean;
  readonly raw: { readonly ours: readonly number[]; readonly other: readonly number[] };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const round = (value: number): number => Math.round(value * 100) / 100;

async function timed(body: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await body();
  return performance.now() - started;
}

function figure(name: string, unit: string, goal: number, ours: readonly number[], other: readonly number[]): Figure {
  const ratios = ours.flatMap((value, at) => (other[at] === undefined ? [] : [value / other[at]]));
  const ratio = ratios.length === 0 ? null : round(median(ratios));
  const mine = round(median(ours));
  return {
    name,
    unit,
    ours: mine,
    other: other.length === 0 ? null : round(median(other)),
    ratio,
    goal,
    met: (ratio ?? mine) <= goal,
    raw: { ours: ours.map(round), other: other.map(round) },
  };
}

const apply = (product: Product, node: string): Promise<string> => product.must(['node', 'apply', node, '--yes']);

/** A server that never saw us, until it serves all five upstreams and every one gave an image; the images are pulled each time. */
async function bareToServing(product: Product, server: Machine): Promise<number[]> {
  const rounds: number[] = [];
  for (let at = 0; at < 3; at += 1) {
    await product.must(['node', 'add', 'alpha', `root@${server.ip}`, '--accept-host-key', await hostKeyOf(server)]);
    rounds.push(await timed(() => apply(product, 'alpha')));
    if (at < 2) await product.must(['node', 'remove', 'alpha', '--yes']);
  }
  return rounds;
}

/** The whole command that finds nothing to do, beside a bare `ssh server true` with its own handshake; and its round trips. */
async function noOpApply(
  product: Product,
  server: Machine,
): Promise<{ ours: number[]; other: number[]; trips: number[] }> {
  const ours: number[] = [];
  const other: number[] = [];
  const trips: number[] = [];
  for (let at = 0; at < 5; at += 1) {
    ours.push(
      await timed(async () => trips.push(Number(/\((\d+) round trip/.exec(await apply(product, 'alpha'))?.[1]))),
    );
    const ssh = [
      'ssh',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'LogLevel=ERROR',
      `root@${server.ip}`,
      'true',
    ];
    other.push(await timed(() => product.laptop.mustExec(ssh, { user: 'dev' })));
  }
  return { ours, other, trips };
}

/** Switch with its proof, beside a restart of the same dockerd until it answers again, which is what people do without a reload. */
async function switchToProof(product: Product): Promise<{ ours: number[]; other: number[] }> {
  const ours: number[] = [];
  const other: number[] = [];
  for (let at = 0; at < 3; at += 1) {
    ours.push(
      await timed(() =>
        product.must(['switch', 'docker', 'alpha', '--yes', '--sudo-password-stdin'], { input: 'dev-sudo-pw\n' }),
      ),
    );
    await product.must(['switch', 'docker', 'direct', '--yes', '--sudo-password-stdin'], { input: 'dev-sudo-pw\n' });
    other.push(
      await timed(() =>
        product.laptop.mustExec([
          'sh',
          '-c',
          'service docker restart >/dev/null 2>&1; until docker info >/dev/null 2>&1; do sleep 0.05; done',
        ]),
      ),
    );
  }
  return { ours, other };
}

const lab = await attachLab();
const { product, server } = await openStory(lab, 'alpha');
await product.must(['settings', 'vault', 'key-file']);
const serving = await bareToServing(product, server);
const noOp = await noOpApply(product, server);
const switching = await switchToProof(product);
const pages = measurePages();
const desktop = await measureDesktop(lab);
const figures = [
  figure('bare server to serving, five upstreams', 'ms', 60_000, serving, []),
  figure('apply that finds nothing to do ÷ ssh server true', 'ms', 4, noOp.ours, noOp.other),
  figure('round trips of an apply that finds nothing to do', 'trips', 2, noOp.trips, []),
  figure('switch and proof ÷ restart of dockerd', 'ms', 0.5, switching.ours, switching.other),
  figure('start to tray ÷ an empty Electron app', 'ms', 2, desktop.trayMs.ours, desktop.trayMs.other),
  figure('start to tray', 'ms', 1000, desktop.trayMs.ours, []),
  figure('click to a usable window', 'ms', 400, desktop.windowMs.ours, []),
  figure('click to a usable window ÷ an empty Electron app', 'ms', 2, desktop.windowMs.ours, desktop.windowMs.other),
  figure('idle with 20 nodes', '% of a processor', 1, desktop.idlePercent.ours, []),
  figure('memory with 20 nodes ÷ an empty Electron app', 'MB', 2, desktop.memoryMb.ours, desktop.memoryMb.other),
  figure('first paint of the pages', 'ms', 1000, pages.firstPaintMs, []),
  ...pages.smoothness
    .slice(1)
    .flatMap(({ name, keptPercent, p99Ms, framesSeen, framesWithGap }) => [
      figure(`frames of 60 a second missed while scrolling ${name}`, '%', 1, [100 - keptPercent], []),
      figure(`99 of 100 tasks while scrolling ${name}`, 'ms of processor', 16.7, [p99Ms], []),
      figure(
        `frames with rows not drawn yet while scrolling ${name}`,
        '%',
        1,
        [(100 * framesWithGap) / framesSeen],
        [],
      ),
    ]),
];
for (const each of figures)
  console.log(
    `${each.met ? '✓' : '✕'} ${each.name}: ${each.ours} ${each.unit}${each.other === null ? '' : ` ÷ ${each.other} = ${each.ratio}`} (goal ${each.goal})  raw ${JSON.stringify(each.raw)}`,
  );
const file = process.argv.includes('--json') ? process.argv[process.argv.indexOf('--json') + 1] : undefined;
if (file !== undefined) writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
