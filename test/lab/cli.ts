import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { catalogue, machineNames, parseMachineNames } from './catalogue.ts';
import { changesOnHost, findLeftovers } from './host-guard.ts';
import { attachLab, startLab, type Lab } from './lab.ts';
import { startInLab } from './lab-command.ts';
import { readLabState, runFolder, runsFolder, stateFile } from './lab-state.ts';
import { machinePid } from './machine-boot.ts';
import { ensurePrerequisites, explainFailure } from './prerequisites.ts';
import { tearDown } from './teardown.ts';

const usage = `npm run lab -- COMMAND        (the lab is named by LAB=name, default "lab"; several may run side by side)
  up [machine...]              start a lab in the background and boot these machines: ${machineNames.join(' ')}
  status                       what runs
  shell MACHINE [command...]   a shell (or a command) on a machine, as root; USER@MACHINE for another user
  run COMMAND...               a command at the switch: the lab's network, names and certificates
  reboot MACHINE...            cut the power and boot again
  down                         remove the lab`;

const run = process.env['LAB'] ?? 'lab';

function current(): Promise<Lab> {
  return attachLab(stateFile(runFolder(run)));
}

async function up(words: readonly string[]): Promise<number> {
  const machines = parseMachineNames(words);
  await ensurePrerequisites();
  const lab = existsSync(stateFile(runFolder(run))) ? await current() : await startLab({ run, background: true });
  await Promise.all(machines.map((name) => lab.machine(name)));
  return status();
}

async function status(): Promise<number> {
  const states = (await readdir(runsFolder).catch(() => [])).map((name) =>
    readLabState(stateFile(runFolder(name))).catch(() => undefined),
  );
  for (const state of await Promise.all(states)) {
    if (state === undefined) continue;
    const alive = existsSync(`/proc/${state.switchPid}`);
    process.stdout.write(`${state.run}: ${alive ? 'running' : 'dead'}, ${state.dir}\n`);
    for (const plan of Object.values(catalogue)) {
      const pid = machinePid(state, plan);
      const power = pid === undefined ? 'off' : `up (pid ${pid})`;
      process.stdout.write(`  ${plan.name.padEnd(8)} ${plan.address.padEnd(13)} ${plan.user.padEnd(5)} ${power}\n`);
    }
  }
  return 0;
}

async function shell(words: readonly string[]): Promise<number> {
  const [where = '', ...command] = words;
  const [user, machineName] = where.includes('@') ? where.split('@') : ['root', where];
  const [name] = parseMachineNames([machineName ?? '']);
  if (name === undefined || user === undefined) throw new Error(usage);
  const machine = await (await current()).machine(name);
  return machine.attach(command.length > 0 ? command : ['bash', '--login'], { user });
}

async function reboot(words: readonly string[]): Promise<number> {
  const lab = await current();
  for (const name of parseMachineNames(words)) await (await lab.machine(name)).reboot();
  return 0;
}

async function down(): Promise<number> {
  const dir = runFolder(run);
  const changes = existsSync(stateFile(dir)) ? await changesOnHost(dir) : [];
  await tearDown(dir);
  const damage = [...changes, ...(await findLeftovers(run))];
  for (const line of damage) process.stderr.write(`lab: ${line}\n`);
  return damage.length === 0 ? 0 : 70;
}

const [command, ...words] = process.argv.slice(2);
switch (command) {
  case 'up':
    process.exitCode = await up(words).catch(explainFailure);
    break;
  case 'status':
    process.exitCode = await status();
    break;
  case 'shell':
    process.exitCode = await shell(words);
    break;
  case 'run':
    process.exitCode = await (await startInLab((await current()).state, words)).finished;
    break;
  case 'reboot':
    process.exitCode = await reboot(words);
    break;
  case 'down':
    process.exitCode = await down();
    break;
  case undefined:
  default:
    process.stderr.write(`${usage}\n`);
    process.exitCode = 2;
}
