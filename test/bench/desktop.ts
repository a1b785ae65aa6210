import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { restAfterMs } from '../../main/shell/window-rest.ts';
import { bareApp, buildAppFolder } from '../desktop/app-folder.ts';
import { DesktopApp, startAgain, type StartOptions } from '../desktop/desktop-app.ts';
import { Session } from '../desktop/session.ts';
import { Tray } from '../desktop/tray.ts';
import { hostKeyOf, Product } from '../e2e/product.ts';
import type { Lab, Machine } from '../lab/lab.ts';
import { type Figure, figure } from './figure.ts';
import { installed } from './installed.ts';
import { giveNames } from './serving-node.ts';

const home = 'bench-desktop';
const rounds = 5;
const idleSeconds = 60;

/** Ours and an app that does nothing, in turn, both on the tests' older Electron. */
export async function measureDesktop(lab: Lab): Promise<readonly Figure[]> {
  await buildAppFolder();
  const bare: StartOptions = { home: 'bench-bare', program: await bareApp() };
  const ours: StartOptions = { home, args: ['--hidden'] };
  const laptop = await lab.machine('laptop');
  await twentyNodes(lab, laptop);
  const session = await Session.start(laptop);
  try {
    const trayMs = { ours: [] as number[], other: [] as number[] };
    const windowMs = { ours: [] as number[], other: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      trayMs.other.push(await startToTray(laptop, session, bare));
      trayMs.ours.push(await startToTray(laptop, session, ours));
      windowMs.other.push(await clickToWindow(lab, session, bare, 'Bare'));
      windowMs.ours.push(await clickToWindow(lab, session, ours, 'Core connected'));
    }
    const idle = { other: await idleOf(lab, session, bare), ours: await idleOf(lab, session, ours) };
    const ours20 = { percent: [idle.ours.percent], megabytes: [idle.ours.megabytes] };
    return [
      figure({ name: 'start to tray ÷ an empty Electron app', unit: 'ms', ...trayMs, goal: 2 }),
      figure({ name: 'start to tray', unit: 'ms', ours: trayMs.ours, goal: 1000 }),
      figure({ name: 'click to a usable window', unit: 'ms', ours: windowMs.ours, goal: 400 }),
      figure({ name: 'click to a usable window ÷ an empty Electron app', unit: 'ms', ...windowMs, goal: 2 }),
      figure({ name: 'the whole app idle with 20 nodes', unit: '% of a processor', ours: ours20.percent, goal: 1 }),
      figure({
        name: 'memory of the whole app with 20 nodes ÷ an empty Electron app',
        unit: 'MB',
        ours: ours20.megabytes,
        other: [idle.other.megabytes],
        goal: 2,
      }),
    ];
  } finally {
    await session.end();
  }
}

/** Twenty names of one server: what costs is the watching of each, not where it is. */
async function twentyNodes(lab: Lab, laptop: Machine): Promise<void> {
  const server = await lab.machine('alpha');
  const product = new Product(laptop, home, installed);
  await product.must(['settings', 'vault', 'key-file']);
  const key = await hostKeyOf(server);
  await product.must(['node', 'add', 'node', `root@${server.ip}`, '--accept-host-key', key]);
  await product.must(['node', 'apply', 'node', '--yes'], { timeoutMs: 280_000 });
  await giveNames(product, 'node', 20);
}

async function startToTray(laptop: Machine, session: Session, options: StartOptions): Promise<number> {
  const tray = new Tray(session.bus);
  const started = performance.now();
  const app = startAgain(laptop, session, options);
  while (!(await tray.appears())) await pause(2);
  const took = performance.now() - started;
  const gone = once(app, 'close');
  await tray.click('Quit');
  await gone;
  while (await tray.appears()) await pause(2);
  return took;
}

async function clickToWindow(lab: Lab, session: Session, options: StartOptions, words: string): Promise<number> {
  const app = await DesktopApp.start(lab, session, options);
  while (!(await app.tray.appears())) await pause(10);
  await settled(lab);
  const clicked = performance.now();
  await app.tray.click('Open');
  const page = await app.window();
  await page.getByText(words).first().waitFor();
  while (!(await app.windowIsSeen())) await pause(2);
  const took = performance.now() - clicked;
  await app.tray.click('Quit');
  await app.ended();
  return took;
}

/** A start is over when its processes have been quiet for a second. */
async function settled(lab: Lab): Promise<void> {
  const laptop = await lab.machine('laptop');
  for (let look = 0; look < 20; look += 1) {
    const before = await consumed(laptop);
    await pause(1000);
    if ((await consumed(laptop)).ticks - before.ticks < 10) return;
  }
}

async function idleOf(
  lab: Lab,
  session: Session,
  options: StartOptions,
): Promise<{ percent: number; megabytes: number }> {
  const laptop = await lab.machine('laptop');
  const app = startAgain(laptop, session, options);
  const tray = new Tray(session.bus);
  while (!(await tray.appears())) await pause(10);
  await settled(lab);
  // A window that nobody has seen for so long goes to rest.
  await pause(restAfterMs);
  const before = await consumed(laptop);
  await pause(idleSeconds * 1000);
  const after = await consumed(laptop);
  const gone = once(app, 'close');
  await tray.click('Quit');
  await gone;
  return { percent: (after.ticks - before.ticks) / idleSeconds, megabytes: after.kilobytes / 1024 };
}

/** Processor time (hundredths of a second) and memory of every process of the app and its core. */
async function consumed(laptop: Machine): Promise<{ ticks: number; kilobytes: number }> {
  const script = `for p in $(pgrep -u dev -f 'out/electron-22|core-process'); do
    awk '{print "ticks", $14 + $15}' /proc/$p/stat; awk '/^Pss:/ {print "kilobytes", $2}' /proc/$p/smaps_rollup; done 2>/dev/null`;
  const said = await laptop.mustExec(['sh', '-c', `${script}; true`]);
  const sum = (name: string): number =>
    [...said.matchAll(new RegExp(`^${name} (\\d+)$`, 'gm'))].reduce((total, [, value]) => total + Number(value), 0);
  return { ticks: sum('ticks'), kilobytes: sum('kilobytes') };
}
