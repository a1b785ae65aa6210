import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Journal } from '../../../main/activity/journal.ts';
import { SwitchRecords } from '../../../main/runtimes/switch-records.ts';
import { History } from '../../../main/store/history.ts';
import { NodeStore } from '../../../main/store/nodes.ts';
import { Vault } from '../../../main/store/vault.ts';
import { keyFile } from '../../../main/store/vault-key.ts';
import { entry } from '../activity/entries.ts';
import { nodeOf, recordOf } from './own-files.ts';

/**
 * Writes every file of the core again and again until it is killed, each time a generation later: all that is in a file belongs to one.
 * With `mid-transaction` it kills itself with a transaction open instead.
 */
const [folder = '', how = ''] = process.argv.slice(2);
const batch = 50;
/** Times that no other process of these tests has: the history keeps one sample of each. */
let time = Date.now() * 1000;

const nodes = new NodeStore(folder);
const records = new SwitchRecords(join(folder, 'switches.json'));
const journal = new Journal(join(folder, 'activity.db'));
const history = new History(join(folder, 'history.db'));

if (how === 'mid-transaction') {
  journal.put(entry());
  const other = new DatabaseSync(join(folder, 'activity.db'));
  other.exec("begin immediate; update entries set title = 'half'; delete from entries");
  process.kill(process.pid, 'SIGKILL');
}
for (let generation = 1; ; generation += 1) {
  for (const name of ['tokyo', 'osaka'])
    nodes.put(nodeOf(name, `r${generation}.example${'x'.repeat(generation % 97)}`));
  records.write('docker', recordOf(Array.from({ length: generation % 37 }, () => `r${generation}`)));
  journal.put(entry({ title: `Generation ${generation}` }));
  const series = {
    node: 'tokyo',
    upstream: 'docker.io',
    kind: 'cached',
    outcome: 'ok',
    manifestMs: generation,
  } as const;
  history.add(Array.from({ length: batch }, () => ({ ...series, at: (time += 1) })));
  history.flush();
  const vaultFolder = join(folder, `vault-${generation}`);
  mkdirSync(vaultFolder);
  new Vault(vaultFolder).open(keyFile(join(vaultFolder, 'vault.key')));
  if (generation === 1) process.stdout.write('writing\n');
}
