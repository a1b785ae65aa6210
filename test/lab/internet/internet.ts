import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { envoyBinary as cachedEnvoyBinary } from '../artefacts.ts';
import { mustRun } from '../command.ts';
import { type ImageArchives, preparedSeed } from '../images/seed.ts';
import type { ContainerImage } from '../images/container-image.ts';
import { storeImage } from '../images/registry-storage.ts';
import { type SeededImage, describeImage } from '../images/seeded-image.ts';
import { GateClient } from './gate-client.ts';
import type { InternetPlan } from './internet-plan.ts';
import { type CertificateFiles, issueCertificate, labAuthority } from './lab-authority.ts';
import { addName, nameServerCommand } from './name-server.ts';
import { prepareRegistry } from './upstream-registry.ts';
import { type UpstreamName, hostsOf, upstreams } from './upstreams.ts';

export interface InternetOptions {
  /** An existing folder for state, logs and the control socket; its path must stay below 90 characters. */
  readonly dir: string;
  /** Process 1 of the switch's namespaces, as the host numbers it. */
  readonly switchPid: number;
  /** An address that the switch has; name server, registries and packages all answer there. */
  readonly address: string;
  readonly registryBinary: string;
  readonly envoyBinary?: string;
  /** Served as `http://deb.debian.org/`. */
  readonly debDir?: string;
}

interface InternetState {
  readonly dir: string;
  readonly address: string;
  readonly authority: CertificateFiles;
  readonly archives: ImageArchives;
  readonly images: readonly SeededImage[];
  /** The host's number of the process group that everything runs in. */
  readonly group: number;
}

/** The lab's internet: registries with their real names, habits and faults, a name server, Debian packages. */
export class Internet {
  /** The authority that signed every name; the images that nodes run trust it. */
  readonly caFile: string;
  readonly caKeyFile: string;
  readonly address: string;
  readonly gate: GateClient;
  readonly images: readonly SeededImage[];
  readonly imageArchives: ImageArchives;
  readonly #state: InternetState;

  constructor(state: InternetState) {
    this.caFile = state.authority.certificate;
    this.caKeyFile = state.authority.key;
    this.address = state.address;
    this.gate = new GateClient(state.dir);
    this.images = state.images;
    this.imageArchives = state.archives;
    this.#state = state;
  }

  /** What is seeded under a full reference such as `ghcr.io/org/app:v1`; throws when nothing is. */
  image(reference: string): SeededImage {
    const found = this.images.find(({ upstream, repository, tags }) =>
      tags.some((tag) => reference === `${upstream}/${repository}:${tag}`),
    );
    if (found === undefined) throw new Error(`the lab's internet has no ${reference}`);
    return found;
  }

  /**
   * Puts an image beside those that were there from the start, as its owner's push would; it goes with the lab. The running registry reads
   * its folder anew at each request.
   */
  async publish(upstream: UpstreamName, name: string, image: ContainerImage): Promise<SeededImage> {
    const [repository = '', tag = ''] = name.split(':');
    await storeImage(join(this.#state.dir, 'storage', upstream), repository, [tag], image);
    return describeImage(upstream, repository, [tag], image);
  }

  /** Makes `name` resolve to `address` in the whole lab, within a moment. */
  async addName(name: string, address: string): Promise<void> {
    await addName(this.#state.dir, name, address);
  }

  /** A server certificate of the lab's authority; negative `days` gives an expired one. */
  async issueCertificate(names: readonly [string, ...string[]], days = 90): Promise<CertificateFiles> {
    return issueCertificate(this.#state.authority, join(this.#state.dir, 'certificates'), names, days);
  }

  /** Ends every process; also done by the end of the switch's process 1. */
  async stop(): Promise<void> {
    try {
      process.kill(-this.#state.group, 'SIGKILL');
    } catch {
      // Already gone.
    }
  }
}

/**
 * Starts the internet in the switch's network and process namespaces and waits until it answers.
 * Seconds from the cache; the first time the seed is built too. Errors quote `gate.log`.
 */
export async function startInternet(options: InternetOptions): Promise<Internet> {
  const { dir, switchPid, address, registryBinary, debDir } = options;
  const authority = await labAuthority();
  const envoyBinary = options.envoyBinary ?? (await cachedEnvoyBinary());
  const seed = await preparedSeed({ registryBinary, envoyBinary, authorityFile: authority.certificate });
  const certificates = Promise.all(
    upstreams.map(async (upstream) => {
      const [first, ...rest] = [upstream.hosts[0], ...hostsOf(upstream).slice(1)];
      return [
        upstream.name,
        await issueCertificate(authority, join(dir, 'certificates'), [first ?? '', ...rest]),
      ] as const;
    }),
  );
  const programs: Record<string, readonly string[]> = { 'name-server': nameServerCommand(dir, address) };
  await Promise.all(
    upstreams.map(async (upstream) => {
      programs[`registry-${upstream.name}`] = await prepareRegistry(dir, seed.folder, registryBinary, upstream);
    }),
  );
  const plan: InternetPlan = { address, programs, certificates: await certificates, debDir };
  await writeFile(join(dir, 'plan.json'), JSON.stringify(plan, null, 2));
  const group = await startGate(dir, switchPid);
  const state: InternetState = { dir, address, authority, archives: seed.archives, images: seed.images, group };
  await writeFile(join(dir, 'internet.json'), JSON.stringify(state, null, 2));
  return new Internet(state);
}

/** The internet that another process started with this `dir`. */
export async function attachInternet(dir: string): Promise<Internet> {
  return new Internet(JSON.parse(await readFile(join(dir, 'internet.json'), 'utf8')) as InternetState);
}

/**
 * Joins the process namespace too: what only joins the network outlives the lab.
 * Its own session makes it independent of this process and gives it one group to end.
 */
async function startGate(dir: string, switchPid: number): Promise<number> {
  await mustRun(['nsenter', '-t', String(switchPid), '-n', 'ip', 'link', 'set', 'lo', 'up']);
  await mkdir(join(dir, 'names'), { recursive: true });
  const log = openSync(join(dir, 'gate.log'), 'a');
  const inside = [
    '-t',
    String(switchPid),
    '-n',
    '-p',
    '--',
    process.execPath,
    join(import.meta.dirname, 'gate-process.ts'),
    dir,
  ];
  const child = spawn('nsenter', inside, { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  child.unref();
  const deadline = Date.now() + 30_000;
  while (!existsSync(join(dir, 'ready'))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      const said = await readFile(join(dir, 'gate.log'), 'utf8');
      throw new Error(`the lab's internet did not start:\n${said.split('\n').slice(-20).join('\n')}`);
    }
    await sleep(20);
  }
  if (child.pid === undefined) throw new Error('nsenter could not be started');
  return child.pid;
}
