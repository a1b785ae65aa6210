import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, createRevocationList, issueServer } from '../../main/certificates/authority.ts';
import { nodeLayout } from '../../main/fleet/node-layout.ts';
import { Secret } from '../../main/log/secret.ts';
import { renderDirectories, renderNodeFiles } from '../../main/provision/render/render-node-files.ts';
import { mustRun, runCommand } from '../lab/command.ts';
import { rootfs } from '../lab/rootfs.ts';

let base: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'mirrorfleet-compose-'));
  const authority = await createAuthority();
  const input = {
    spec: { upstreams: ['docker.io', 'registry.example:5000'], address: 'mirror.example', port: 443 },
    layout: nodeLayout({ base }),
    images: { registry: 'registry:3.1.1', envoy: `envoy@sha256:${'a'.repeat(64)}` },
    server: await issueServer(authority, { names: ['mirror.example'], days: 30 }),
    clientCa: authority.certificate,
    crl: await createRevocationList(authority, []),
    metricsToken: new Secret('token'),
  };
  for (const each of renderDirectories(input)) if (each.target === undefined) await mkdir(join(base, each.path));
  for (const file of renderNodeFiles(input)) {
    await mkdir(dirname(join(base, file.path)), { recursive: true });
    await writeFile(join(base, file.path), file.text);
  }
});
afterAll(() => rm(base, { recursive: true, force: true }));

describe('the Compose file', () => {
  it('is accepted by Compose 1.29', async () => {
    const version = await mustRun(['docker-compose', 'version', '--short']);
    expect(version).toMatch(/^1[.]29/);
    await accepted(['docker-compose']);
  });

  it('is accepted by Compose 2', async () => {
    const [engine] = await rootfs('engine');
    const compose = join(engine ?? '', 'usr/libexec/docker/cli-plugins/docker-compose');
    expect(await mustRun([compose, 'version', '--short'])).toMatch(/^v?2[.]/);
    await accepted([compose]);
  });
});

/** Compose prints what it understood: all services, and not one warning. */
async function accepted(compose: readonly string[]): Promise<void> {
  const result = await runCommand([
    ...compose,
    '-p',
    'mirrorfleet',
    '-f',
    join(base, 'compose.yaml'),
    'config',
    '--services',
  ]);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(result.stdout.trim().split('\n').sort()).toEqual([
    'envoy',
    'mirror-docker.io',
    'mirror-registry.example_5000',
    'offline',
  ]);
}
