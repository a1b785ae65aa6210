import { electronRuntime, envoyBinary, registryBinary } from './artefacts.ts';
import { changesOnHost, findLeftovers } from './host-guard.ts';
import { startLab } from './lab.ts';
import { startInLab } from './lab-command.ts';
import { ensurePrerequisites, explainFailure } from './prerequisites.ts';
import { rootfs } from './rootfs.ts';

/**
 * node test/lab/run.ts COMMAND...   runs COMMAND at the switch of a fresh lab, with MIRRORFLEET_LAB set, and removes the
 * lab afterwards, also on Ctrl-C. Exits with COMMAND's code, or 70 when the lab left something behind on this computer.
 */
async function run(command: readonly string[]): Promise<number> {
  await ensurePrerequisites();
  await Promise.all([registryBinary(), envoyBinary(), electronRuntime(), rootfs('engine').then(() => rootfs('old'))]);
  const lab = await startLab();
  const running = await startInLab(lab.state, command);
  let interrupted: number | undefined;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => {
      interrupted = code;
      void running.stop(signal);
    });
  }
  const code = await running.finished;
  const changes = await changesOnHost(lab.dir);
  await lab.down();
  const damage = [...changes, ...(await findLeftovers(lab.run))];
  for (const line of damage) process.stderr.write(`lab: ${line}\n`);
  if (interrupted !== undefined) return interrupted;
  return damage.length > 0 && code === 0 ? 70 : code;
}

const command = process.argv.slice(2);
if (command.length === 0) {
  process.stderr.write('usage: node test/lab/run.ts COMMAND...\n');
  process.exitCode = 2;
} else {
  process.exitCode = await run(command).catch(explainFailure);
}
