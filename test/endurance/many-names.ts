import { NodeStore } from '../../main/store/nodes.ts';
import { SettingsStore } from '../../main/store/settings.ts';
import { Vault } from '../../main/store/vault.ts';
import { VaultAccess } from '../../main/store/vault-access.ts';
import { ownPaths } from '../../main/core.ts';

/**
 * node many-names.ts NAME COUNT   while no core runs: gives the node NAME, which was applied, COUNT - 1 more names (`NAME-2` …). Each is
 * watched for itself: its own probes, its own login, and its metrics with the token that the server knows.
 */
const [name = '', count = '1'] = process.argv.slice(2);
const paths = ownPaths();
const nodes = new NodeStore(paths.config);
const vault = new VaultAccess(new Vault(paths.config), new SettingsStore(paths.config), paths.config).open();
const record = nodes.get(name);
const token = vault.get(`metrics/${name}`);
if (!token) throw new Error(`${name} was never applied from here.`);
for (let at = 2; at <= Number(count); at += 1) {
  const other = `${name}-${at}`;
  nodes.put({ ...record, spec: { ...record.spec, name: other } });
  vault.put(`metrics/${other}`, token);
}
