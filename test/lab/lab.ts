import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { debPackages } from './rootfs.ts';
import { registryBinary } from './artefacts.ts';
import { cacheFolder } from './cached-build.ts';
import { switchAddress, type MachineName } from './catalogue.ts';
import { mustRun } from './command.ts';
import { pictureHost } from './host-guard.ts';
import { attachInternet, startInternet, type Internet } from './internet/internet.ts';
import { postJanitor, type DismissJanitor } from './janitor.ts';
import { readLabState, runFolder, writeLabState, type LabState } from './lab-state.ts';
import { Machine } from './machine.ts';
import { startSwitch } from './switch.ts';
import { tearDown } from './teardown.ts';

export type { MachineName } from './catalogue.ts';
export { Machine } from './machine.ts';
export type { Internet } from './internet/internet.ts';

export interface LabOptions {
  /** 1 to 8 letters and digits, starting with a letter; unique among the labs of this computer. Default a random one. */
  readonly run?: string;
  /** Machines to boot at once, in parallel. Others boot when first asked for. */
  readonly machines?: readonly MachineName[];
  /** True leaves the lab running after this process, until `tearDown` of its folder. */
  readonly background?: boolean;
}

/** A running lab: a small internet and the machines on it. Works alike in the process that started it and in others. */
export class Lab {
  readonly run: string;
  readonly dir: string;
  readonly internet: Internet;
  readonly state: LabState;
  readonly #dismiss: DismissJanitor | undefined;
  readonly #machines = new Map<MachineName, Promise<Machine>>();

  constructor(state: LabState, internet: Internet, dismiss?: DismissJanitor) {
    this.run = state.run;
    this.dir = state.dir;
    this.state = state;
    this.internet = internet;
    this.#dismiss = dismiss;
  }

  /**
   * The machine, booted and answering: seconds the first time, nothing later. One that was shut down from the inside
   * is powered on again.
   */
  async machine(name: MachineName): Promise<Machine> {
    const known = await this.#machines.get(name);
    if (known?.isUp === true) return known;
    const machine = new Machine(this.state, name);
    const ready = machine.ensureUp().then(() => machine);
    this.#machines.set(name, ready);
    ready.catch(() => this.#machines.delete(name));
    return ready;
  }

  /** Ends the lab and removes all of it; only letting go where the lab belongs to another process ({@link attachLab}). */
  async down(): Promise<void> {
    if (this.#dismiss === undefined) return;
    await tearDown(this.dir);
    await this.#dismiss();
  }
}

/** Starts a lab that ends with this process at the latest. Needs root and the prerequisites; throws with the reason. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const run = options.run ?? `t${randomBytes(3).toString('hex')}`;
  if (!/^[a-z][a-z0-9]{0,7}$/.test(run)) throw new Error(`bad run name: ${run}`);
  const dir = runFolder(run);
  if (existsSync(dir))
    throw new Error(`a lab named ${run} exists already (${dir}); \`npm run lab -- down ${run}\` removes it`);
  const binary = await registryBinary();
  const debDir = await debPackages();
  await mkdir(dirname(dir), { recursive: true });
  const dismiss = options.background === true ? undefined : postJanitor(dir);
  try {
    await mkdir(dir);
    await pictureHost(dir);
    const keyFile = join(dir, 'id_ed25519');
    await mustRun(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'dev@laptop', '-f', keyFile]);
    await chmod(dir, 0o755);
    const switchPid = await startSwitch(run, join(dir, 'switch'), options.background === true);
    const internetDir = join(dir, 'internet');
    await mkdir(internetDir);
    const address = switchAddress;
    const internet = await startInternet({ dir: internetDir, switchPid, address, registryBinary: binary, debDir });
    const node = await realpath(process.execPath);
    const state: LabState = {
      run,
      dir,
      switchPid,
      keyFile,
      caFile: internet.caFile,
      shownFolders: await shownFolders(node),
      node,
    };
    await writeLabState(state);
    const lab = new Lab(state, internet, dismiss);
    await Promise.all((options.machines ?? []).map((name) => lab.machine(name)));
    return lab;
  } catch (cause) {
    await tearDown(dir);
    await dismiss?.();
    throw cause;
  }
}

/**
 * The lab that a running `run.ts` or `cli.ts` made, found through `MIRRORFLEET_LAB` (or `file`): its lab.json.
 * Throws, naming the command to type, when there is none.
 */
export async function attachLab(file = process.env['MIRRORFLEET_LAB']): Promise<Lab> {
  if (file === undefined)
    throw new Error('no lab: start this through `node test/lab/run.ts COMMAND` (npm run test:integration does)');
  const state = await readLabState(file);
  return new Lab(state, await attachInternet(join(state.dir, 'internet')));
}

/** The checkout, the artefacts and the Node that runs this, so that the product can be run on the laptop from its sources. */
async function shownFolders(node: string): Promise<readonly string[]> {
  const checkout = await realpath(resolve(import.meta.dirname, '../..'));
  const inside = [`${checkout}/`, '/usr/', '/opt/'].some((folder) => node.startsWith(folder));
  return [checkout, cacheFolder(), ...(inside ? [] : [dirname(node)])];
}
