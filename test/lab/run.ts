import { envoyBinary, registryBinary } from './artefacts.ts';
import { findLeftovers, guardHost } from './host-guard.ts';
import { startLab } from './lab.ts';
import { runInLab } from './lab-command.ts';
import { ensurePrerequisites } from './prerequisites.ts';
import { debPackages, rootfs } from './rootfs.ts';
import { randomBytes } from 'node:crypto';

/**
 * node test/lab/run.ts COMMAND...   runs COMMAND at the switch of a fresh lab, with MIRRORFLEET_LAB set, and removes the
 * lab afterwards, also on Ctrl-C. Exits with COMMAND's code, or 70 when the lab left something behind on this computer.
 */
const command = process.argv.slice(2);
if (command.length === 0) throw new Error('usage: node test/lab/run.ts COMMAND...');

await ensurePrerequisites();
await Promise.all([registryBinary(), envoyBinary()]);
for (const name of ['engine', 'old'] as const) await rootfs(name);
await debPackages();

const run = `r${randomBytes(3).toString('hex')}`;
const changesOnHost = await guardHost(run);
const lab = await startLab({ run });

let interrupted: number | undefined;
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const) {
  process.on(signal, () => {
    interrupted = code;
    // Ends the command, whose end then takes the ordinary way out below.
    void endCommand();
  });
}

async function endCommand(): Promise<void> {
  const { removeCgroups, cgroupName } = await import('./cgroups.ts');
  await removeCgroups(cgroupName(run, 'command'));
}

const code = await runInLab(lab.state, command);
const changes = await changesOnHost();
await lab.down();
const damage = [...changes, ...(await findLeftovers(run))];
for (const line of damage) process.stderr.write(`lab: ${line}\n`);
process.exitCode = interrupted ?? (damage.length > 0 && code === 0 ? 70 : code);
