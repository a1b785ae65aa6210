import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Accounts } from './accounts.ts';
import { FaultBox } from './faults.ts';
import { gateSocket } from './gate-command.ts';
import { gateControl } from './gate-control.ts';
import type { InternetPlan } from './internet-plan.ts';
import { packageServer } from './package-server.ts';
import { PullQuota } from './pull-quota.ts';
import { RequestLog } from './request-log.ts';
import { TlsDoor, loadContexts } from './tls-door.ts';
import { answerAsUpstream } from './upstream-handler.ts';
import { upstreams } from './upstreams.ts';

/**
 * The small internet as a process: `node gate-process.ts <folder>`, run inside the switch's namespaces.
 * It starts the name server and the registries as its children, opens the ports and the control socket, then writes
 * the file `ready`. If a child ends, it ends: a half-working internet would only confuse tests.
 */
const dir = process.argv[2] ?? '';
const plan = JSON.parse(await readFile(join(dir, 'plan.json'), 'utf8')) as InternetPlan;
await mkdir(join(dir, 'names'), { recursive: true });

for (const [name, argv] of Object.entries(plan.programs)) {
  const [program = '', ...rest] = argv;
  const log = openSync(join(dir, `${name}.log`), 'a');
  const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none' };
  spawn(program, rest, { stdio: ['ignore', log, log], env }).on('exit', (code) => {
    process.stderr.write(`${name} ended with code ${code}\n`);
    process.exit(1);
  });
  closeSync(log);
}

const state = { faults: new FaultBox(), quota: new PullQuota(), accounts: new Accounts(), log: new RequestLog() };
const contexts = await loadContexts(new Map(plan.certificates));
const door = new TlsDoor(contexts, (request, response) => {
  answerAsUpstream(state, request, response).catch((cause: unknown) => {
    // A client that went away is no error; anything else is worth a line in gate.log.
    if (!response.destroyed) process.stderr.write(`${request.method} ${request.url}: ${String(cause)}\n`);
    response.destroy();
  });
});
await door.listen(plan.address, 443);
await listening(gateControl(state, door), { path: join(dir, gateSocket) });
if (plan.debDir !== undefined) await listening(packageServer(plan.debDir), { host: plan.address, port: 80 });
await Promise.all(upstreams.map(({ port }) => answersOn(port)));
await writeFile(join(dir, 'ready'), '');

async function listening(server: Server, options: { path?: string; host?: string; port?: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options, resolve);
  });
}

async function answersOn(port: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    if (Date.now() > deadline) throw new Error(`nothing listens on 127.0.0.1:${port} after 20 s`);
    await sleep(20);
  }
}
