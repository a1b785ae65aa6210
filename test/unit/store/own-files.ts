import { join } from 'node:path';
import { Secret } from '../../../main/log/secret.ts';
import { type SwitchRecord, SwitchRecords } from '../../../main/runtimes/switch-records.ts';
import { NodeStore } from '../../../main/store/nodes.ts';
import { SettingsStore } from '../../../main/store/settings.ts';
import { Vault } from '../../../main/store/vault.ts';
import { keyFile } from '../../../main/store/vault-key.ts';

/** A file that the core alone writes: what is written into it, how it is read, and how it would be changed. */
export interface OwnFile {
  readonly name: string;
  fill(folder: string): void;
  read(folder: string): unknown;
  change(folder: string): void;
}

export function nodeOf(name: string, upstream = 'docker.io') {
  const target = { destination: `root@${name}.example` };
  return {
    spec: { name, kind: 'ssh' as const, target, upstreams: [upstream], address: `${name}.example`, port: 443 },
    hostKeys: { [`${name}.example`]: ['SHA256:UvN8UeaC8ii/in9WTGxsYDN2x0Tv8lHIeo7/Ty5Hgvk'] },
  };
}

export function recordOf(route: readonly string[]): SwitchRecord {
  const original = { path: '/etc/docker/daemon.json', bytes: Buffer.from('{}\n').toString('base64') };
  const common = { mirrors: ['https://tokyo.example'], files: {}, interim: [], backups: ['1-a'], folders: [], at: 1 };
  return { state: 'switched', route: [...route], original, ...common };
}

const records = (folder: string) => new SwitchRecords(join(folder, 'switches.json'));
const openVault = (folder: string): Vault => {
  const vault = new Vault(folder);
  vault.open(keyFile(join(folder, 'vault.key')));
  return vault;
};
const fillVault = (folder: string): void => openVault(folder).put('node/tokyo/sudoPassword', new Secret('one word'));
const readVault = (folder: string) => openVault(folder).get('node/tokyo/sudoPassword')?.reveal();
const changeVault = (folder: string): void => openVault(folder).put('x', new Secret('another'));

export const ownFiles: readonly OwnFile[] = [
  {
    name: 'settings.json',
    fill: (folder) => void new SettingsStore(folder).update({ keep: { historyDays: 7, activityDays: 30 } }),
    read: (folder) => new SettingsStore(folder).get(),
    change: (folder) => void new SettingsStore(folder).update({ keep: { historyDays: 8, activityDays: 30 } }),
  },
  {
    name: 'nodes.json',
    fill: (folder) => ['tokyo', 'osaka'].forEach((name) => new NodeStore(folder).put(nodeOf(name))),
    read: (folder) => new NodeStore(folder).list(),
    change: (folder) => new NodeStore(folder).put(nodeOf('kyoto')),
  },
  {
    name: 'switches.json',
    fill: (folder) => records(folder).write('docker', recordOf(['tokyo'])),
    read: (folder) => records(folder).read('docker'),
    change: (folder) => records(folder).write('podman', recordOf(['osaka'])),
  },
  { name: 'vault.json', fill: fillVault, read: readVault, change: changeVault },
  { name: 'vault.key', fill: fillVault, read: readVault, change: changeVault },
];
