import { setTimeout as pause } from 'node:timers/promises';
import { buildPagesIfOld } from '../main/endpoints/build-pages.ts';
import { hostKeyOf, mirrorfleet, Product } from './e2e/product.ts';
import { envoyBinary, registryBinary } from './lab/artefacts.ts';
import { changesOnHost, findLeftovers } from './lab/host-guard.ts';
import { type Lab, type Machine, startLab } from './lab/lab.ts';
import { shareLoopback } from './lab/loopback.ts';
import { ensurePrerequisites, explainFailure } from './lab/prerequisites.ts';
import { rootfs } from './lab/rootfs.ts';

/**
 * `npm run demo`: the real product on a lab of this computer, with its story already played: two servers serve mirrors, the laptop's Docker
 * pulls through one of them and has done so. Prints the one address of its pages and runs until Ctrl-C, which removes all of it.
 */
const images = [
  'nginx:alpine',
  'nginx:1.27',
  'busybox:1.36',
  'bitnami/redis:7.4',
  'library/big:100m',
  'corp/private:v1',
  'alpine:3.20',
];
const password = { input: 'dev-sudo-pw\n' };

async function play(lab: Lab): Promise<Product> {
  const [laptop, alpha, beta] = await Promise.all([lab.machine('laptop'), lab.machine('alpha'), lab.machine('beta')]);
  const product = new Product(laptop, 'demo');
  await product.must(['settings', 'vault', 'key-file']);
  const serve = async (name: string, user: string, machine: Machine): Promise<void> => {
    say(`${name} (${user}@${machine.ip}) becomes a node`);
    await product.must(['node', 'add', name, `${user}@${machine.ip}`, '--accept-host-key', await hostKeyOf(machine)]);
    await product.must(['node', 'apply', name, '--yes']);
  };
  await serve('tokyo', 'root', alpha);
  await serve('home-lab', 'ops', beta);
  say('Docker of the laptop switches to tokyo and pulls');
  await product.must(['switch', 'docker', 'tokyo', '--yes', '--sudo-password-stdin'], password);
  for (const image of images) await laptop.exec(['docker', 'pull', '-q', image], { user: 'dev', timeoutMs: 60_000 });
  for (const path of ['ghcr.io/org/app:v1', 'quay.io/prometheus/busybox:latest', 'registry.k8s.io/pause:3.10'])
    await laptop.exec(['docker', 'pull', '-q', `${alpha.ip}/${path}`], { user: 'dev', timeoutMs: 60_000 });
  return product;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Starts the core with its pages on the laptop and gives the address that it prints; `ended` settles when it ends. */
async function openPages(product: Product, port: number): Promise<{ address: string; stop(): Promise<void> }> {
  const core = product.laptop.spawn([...mirrorfleet, 'serve', '--port', String(port)], {
    user: 'dev',
    env: { MIRRORFLEET_HOME: product.home },
  });
  const gone = new Promise<void>((resolve) => core.once('close', () => resolve()));
  let said = '';
  const address = await new Promise<string>((resolve, reject) => {
    for (const stream of [core.stdout, core.stderr])
      stream?.on('data', (part: Buffer) => {
        said += part.toString();
        const found = /http:\/\/127\.0\.0\.1:\S+(?=\s)/.exec(said);
        if (found) resolve(found[0]);
      });
    void gone.then(() => reject(new Error(`the core did not stay:\n${said}`)));
  });
  return {
    address,
    async stop() {
      core.kill('SIGTERM');
      await Promise.race([gone, pause(5000)]);
      core.kill('SIGKILL');
    },
  };
}

async function demo(): Promise<number> {
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  await ensurePrerequisites();
  await Promise.all([buildPagesIfOld(), registryBinary(), envoyBinary(), rootfs('engine').then(() => rootfs('old'))]);
  say('A laptop, two servers and a small internet start on this computer.');
  const lab = await startLab({ run: process.env['LAB'] ?? 'demo', machines: ['laptop', 'alpha', 'beta'] });
  try {
    const product = await Promise.race([play(lab), interrupted.then(() => undefined)]);
    if (!product) return 130;
    const shared = await shareLoopback(lab.state, 'laptop');
    const pages = await openPages(product, shared.port);
    say(`
Open it in this computer's browser (the address works once):

  ${pages.address}

The laptop's sudo password is dev-sudo-pw. Also there, as its user:
  LAB=${lab.run} npm run lab -- shell dev@laptop MIRRORFLEET_HOME=${product.home} ${mirrorfleet.join(' ')} status
Another server to add: pat@203.0.113.13, password pat-sudo-pw (LAB=${lab.run} npm run lab -- shell gamma true starts it).
Ctrl-C ends and removes all of it.`);
    await interrupted;
    say('\nThe demo is taken down.');
    await pages.stop();
    shared.close();
    return 0;
  } finally {
    const changes = await changesOnHost(lab.dir);
    await lab.down();
    for (const line of [...changes, ...(await findLeftovers(lab.run))]) process.stderr.write(`lab: ${line}\n`);
  }
}

process.exitCode = await demo().catch(explainFailure);
