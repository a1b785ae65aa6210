import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { hostKeyOf, pictureOfLaptop, Product } from './product.ts';

let lab: Lab;
let laptop: Machine;
let product: Product;
let before: Record<string, string>;
let core: ChildProcess;
const node = 'alpha';
const sudo = { input: 'dev-sudo-pw\n' };
const withPassword = ['--yes', '--sudo-password-stdin'];
const podmanFolder = '/home/dev/.config/containers';

/** Everything of three engines that a switch may touch. */
async function picture(): Promise<Record<string, string>> {
  const script = `cd /; find etc/containerd etc/docker home/dev/.config -printf '%p %y %m %u:%g %l\\n' | sort; find etc/containerd etc/docker home/dev/.config -type f -exec sha256sum {} + | sort; ls -d /var/lib/mirrorfleet 2>&1; ctr -n k8s.io images ls -q | sort; su dev -c "cd; podman images --all --format '{{.ID}} {{.Names}}'"`;
  return { ...(await pictureOfLaptop(laptop)), engines: (await laptop.exec(['sh', '-c', script])).stdout };
}

interface Status {
  readonly runtimes: readonly { id: string; state: string; route?: string[]; proof?: { node: string } }[];
  readonly tasks: readonly { kind: string; subject: string; state: string }[];
}
const routes = async (): Promise<Record<string, string[] | undefined>> =>
  Object.fromEntries(((await product.json(['status'])) as Status).runtimes.map(({ id, route }) => [id, route]));

/** The engines as the running core knows them, without looking now. */
const known = async (): Promise<Status['runtimes']> =>
  ((await product.json(['status', '--no-refresh'])) as Status).runtimes;

beforeAll(async () => {
  lab = await attachLab();
  const [machine, server] = await Promise.all([lab.machine('laptop'), lab.machine('alpha')]);
  laptop = machine;
  product = new Product(laptop, 'story-engines');
  await laptop.mustExec(['su', 'dev', '-c', `cd; podman info >/dev/null; rm -rf ${podmanFolder}`]);
  before = await picture();
  core = product.start(['serve', '--headless']);
  await vi.waitFor(() => laptop.mustExec(['test', '-S', `${product.home}/run/core.sock`]), 20_000);
  await vi.waitFor(
    async () => expect((await known()).map(({ state }) => state)).toEqual(['found', 'found', 'found']),
    20_000,
  );
  await product.must(['settings', 'vault', 'key-file']);
  await product.must(['node', 'add', node, `root@${server.ip}`, '--accept-host-key', await hostKeyOf(server)]);
  await product.must(['node', 'apply', node, '--yes'], { timeoutMs: 280_000 });
}, 300_000);

afterAll(async () => {
  await laptop.exec(['rm', '-f', `${podmanFolder}/registries.conf.d/zzz-own.conf`]);
  await product.run(['switch', 'all', 'direct', ...withPassword], sudo);
  await product.run(['node', 'remove', node, '--yes']);
  core.kill();
});

test('what a switch of all three would do is said before: the reload, the one restart, and that Podman needs no password', async () => {
  const said = await product.must(['switch', 'all', node, '--dry-run']);
  expect(said).toContain('Docker reloads its configuration');
  expect(said).toContain('Restarts: containerd');
  expect(said).toContain('Podman reads its files at every pull');
  expect(await picture()).toEqual(before);
});

test('a password that is missing is said before anything begins, and is no failed task', async () => {
  const said = await product.run(['switch', 'all', node, '--yes']);
  expect(said.code).toBe(3);
  expect(said.stderr).toContain('sudo-password-needed');
  const { tasks } = (await product.json(['status', '--no-refresh'])) as Status;
  expect(tasks.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['node-apply done']);
  expect(await picture()).toEqual(before);
});

test('all three are switched in one go with one password, each proven at the edge', async () => {
  const said = await product.must(['switch', 'all', node, ...withPassword], { ...sudo, timeoutMs: 240_000 });
  for (const engine of ['docker', 'containerd', 'podman'])
    expect(said).toMatch(new RegExp(`${engine} → ${node}, proven: request .* at ${node} for .*busybox@sha256:`));
  expect(await routes()).toEqual({ docker: [node], containerd: [node], podman: [node] });
  const now = await picture();
  expect(now).toMatchObject({ canary: before['canary'], daemon: before['daemon'] });
  const status = await product.must(['status']);
  expect(status).toMatch(/containerd 1\.6\.20 → alpha, proven/);
  expect(status).toMatch(/Podman 4\.3\.1 → alpha, proven/);
});

test('what Podman pulls of another registry comes through the node too', async () => {
  const began = Date.now();
  await laptop.mustExec(['su', 'dev', '-c', 'cd; podman pull -q quay.io/prometheus/busybox:latest'], {
    timeoutMs: 120_000,
  });
  const asked = (await lab.internet.gate.requests({ upstream: 'quay.io' })).filter(({ at }) => at >= began);
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.every(({ from }) => from !== laptop.ip)).toBe(true);
  await laptop.mustExec(['su', 'dev', '-c', 'cd; podman rmi quay.io/prometheus/busybox:latest']);
});

test('each can be tested again, which changes nothing', async () => {
  const now = await picture();
  expect(await product.must(['test', 'podman'])).toContain('proven');
  expect(await product.must(['test', 'containerd', '--sudo-password-stdin'], sudo)).toContain('proven');
  expect(await product.must(['test', 'docker'])).toContain('proven');
  expect(await picture()).toEqual(now);
});

test('what the engines keep is told, and why one of them does not', async () => {
  const said = await product.run(['storage', '--json']);
  const { engines } = JSON.parse(said.stdout) as {
    engines: { runtime: string; storage: { images: { count: number } } }[];
  };
  expect(engines.map(({ runtime, storage }) => [runtime, storage.images.count > 0])).toEqual([
    ['docker', true],
    ['podman', false],
  ]);
});

test('all direct again: every byte is as before', async () => {
  await product.must(['switch', 'all', 'direct', ...withPassword], { ...sudo, timeoutMs: 240_000 });
  expect(await picture()).toEqual(before);
  expect((await product.run(['test', 'docker'])).stderr).toContain('nothing-to-prove');
});

test('one that fails is taken back alone; the others stay proven', async () => {
  // An entry that podman reads after ours replaces it, so podman would go around the node.
  await laptop.mustExec(
    ['sh', '-c', `mkdir -p ${podmanFolder}/registries.conf.d; cat >${podmanFolder}/registries.conf.d/zzz-own.conf`],
    { user: 'dev', input: '[[registry]]\nlocation = "docker.io"\n' },
  );
  const withOwn = await laptop.mustExec(['find', podmanFolder]);
  const said = await product.run(['switch', 'all', node, ...withPassword], { ...sudo, timeoutMs: 240_000 });
  expect(said.code).toBe(1);
  expect(said.stderr).toContain('reload-not-taken');
  expect(said.stdout).toMatch(/docker → alpha, proven/);
  expect(said.stdout).toMatch(/containerd → alpha, proven/);
  expect(await routes()).toEqual({ docker: [node], containerd: [node], podman: [] });
  expect(await laptop.mustExec(['find', podmanFolder])).toBe(withOwn);
  await laptop.mustExec(['rm', '-r', podmanFolder]);
  await product.must(['switch', 'all', 'direct', ...withPassword], { ...sudo, timeoutMs: 240_000 });
  expect(await picture()).toEqual(before);
});
