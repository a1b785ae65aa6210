import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { Connections } from '../../../main/hosts/connections.ts';
import { silentLog } from '../../../main/log/log.ts';
import { Enrolment } from '../../../main/provision/enrolment.ts';
import { NodeStore } from '../../../main/store/nodes.ts';
import { SettingsStore } from '../../../main/store/settings.ts';
import { Vault } from '../../../main/store/vault.ts';
import { VaultAccess } from '../../../main/store/vault-access.ts';
import { problemFrom } from './answering-host.ts';
import { spec } from './node-fixture.ts';

test('a server that shows another key than the one accepted is not added', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'enrolment-'));
  const key = ssh2.utils.generateKeyPairSync('ed25519').private;
  const server = new ssh2.Server({ hostKeys: [key] }, (connection) => {
    connection.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const nodes = new NodeStore(folder);
  const vault = new VaultAccess(new Vault(folder), new SettingsStore(folder), folder);
  vault.choose('key-file', undefined);
  const enrolment = new Enrolment(nodes, vault, silentLog);
  const request = { ...spec, target: { destination: '127.0.0.1', port } };
  const problem = await problemFrom(enrolment.add(request, 'SHA256:another', {}));
  expect(problem).toMatchObject({ code: 'host-key-differs', message: expect.stringContaining('Nothing was added') });
  expect(nodes.list()).toEqual([]);
  server.close();
  rmSync(folder, { recursive: true });
});

test('a server whose secrets cannot be kept is not added', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'enrolment-'));
  const nodes = new NodeStore(folder);
  const vault = new VaultAccess(new Vault(folder), new SettingsStore(folder), folder);
  vault.choose('key-file', undefined);
  const enrolment = new Enrolment(nodes, vault, silentLog);
  enrolment.attach(new Connections((name) => enrolment.access(name), silentLog));
  writeFileSync(join(folder, 'vault.json'), '{"head"');
  const problem = await problemFrom(enrolment.add(spec, undefined, { sudoPassword: 'secret' }));
  expect(problem).toMatchObject({ code: 'store-unreadable' });
  expect(nodes.list()).toEqual([]);
  rmSync(folder, { recursive: true });
});
