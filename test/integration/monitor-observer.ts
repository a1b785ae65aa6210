import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeView } from '../../preload/contract/status.ts';
import { localHost } from '../../main/hosts/local-host.ts';
import { createLog } from '../../main/log/log.ts';
import { Secret } from '../../main/log/secret.ts';
import { Monitor } from '../../main/monitor/monitor.ts';
import { metricsToken } from './edge-stand.ts';
import { History } from '../../main/store/history.ts';

/**
 * node monitor-observer.ts BASE CLIENT ROUNDS UPSTREAM…   watches the node of an edge stand from inside its network, as the core does,
 * for that many rounds, and prints the last view as JSON.
 */
const [base = '', client = '', rounds = '1', ...upstreams] = process.argv.slice(2);

const ca = await readFile(join(base, 'ca.pem'), 'utf8');
const pem = await readFile(join(base, `${client}.pem`), 'utf8');
const keyAt = pem.indexOf('-----BEGIN PRIVATE KEY');
const identity = { ca, certificate: pem.slice(0, keyAt), key: new Secret(pem.slice(keyAt)) };
const history = new History(join(base, 'history.db'));

let last: NodeView | undefined;
const monitor = new Monitor({
  nodes: () => [
    {
      spec: { name: 'stand', address: 'mirror.example', port: 8443, upstreams, base },
      applied: true,
      identity: () => Promise.resolve(identity),
      host: () => Promise.resolve(localHost('stand')),
      metricsToken: () => Promise.resolve(metricsToken),
    },
  ],
  publish: (change) => {
    if (change.kind === 'node') last = change.node;
  },
  history,
  log: createLog('monitor', (line) => process.stderr.write(`${line}\n`)),
});
monitor.start();
for (let round = 0; round < Number(rounds); round += 1) await monitor.refresh();
await monitor.stop();
history.close();
process.stdout.write(`${JSON.stringify(last)}\n`);
