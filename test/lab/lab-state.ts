import { readFile, writeFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** The root of all runs. Not below /tmp: machines and careless tests empty that. */
export const runsFolder = '/var/tmp/mirrorfleet-lab';

/** What another process needs to use a running lab; kept in `<dir>/lab.json`. */
export interface LabState {
  readonly run: string;
  readonly dir: string;
  /** Pid of the switch's first process as the host sees it; its death ends everything in the lab. */
  readonly switchPid: number;
  /** Private key that all servers accept for their login user. */
  readonly keyFile: string;
  readonly caFile: string;
  /** Host folders that the laptop shows read-only at the same path. */
  readonly shownFolders: readonly string[];
  /** The Node that runs the lab; `node` on the laptop too. */
  readonly node: string;
}

export function runFolder(run: string): string {
  return join(runsFolder, run);
}

export function stateFile(dir: string): string {
  return join(dir, 'lab.json');
}

/** Reads a lab's state; throws if there is no such lab. */
export async function readLabState(file: string): Promise<LabState> {
  // Written by writeLabState of the same checkout, so its shape is known.
  return JSON.parse(await readFile(file, 'utf8')) as LabState;
}

export async function writeLabState(state: LabState): Promise<void> {
  const file = stateFile(state.dir);
  await writeFile(`${file}.new`, JSON.stringify(state, null, 2));
  await rename(`${file}.new`, file);
}
