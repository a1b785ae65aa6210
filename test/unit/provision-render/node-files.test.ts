import { posix } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../main/fleet/upstreams.ts';
import {
  dataMount,
  mirrorPort,
  registryMetricsPort,
  twinPort,
} from '../../../main/provision/render/container-paths.ts';
import { renderDirectories, renderNodeFiles } from '../../../main/provision/render/render-node-files.ts';
import { input, rendered, upstreams } from './rendered-node.ts';

interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly user: string;
  readonly ports?: readonly string[];
  readonly volumes: readonly string[];
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly mem_limit: string;
}
const compose = parse(rendered()('compose.yaml').text) as { services: Record<string, Service> };

describe("a node's Compose project", () => {
  it('has no name and no version, which one Compose or the other would refuse', () => {
    expect(Object.keys(compose)).toEqual(['services', 'networks']);
  });

  it('publishes the edge and the loopback metrics, and nothing else', () => {
    const published = Object.entries(compose.services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => [name, port]),
    );
    expect(published).toEqual([
      ['envoy', '443:8443'],
      ['envoy', '127.0.0.1:9902:9902'],
    ]);
  });

  it('confines every container: no root, no rights, no writing but to what it needs', () => {
    for (const service of Object.values(compose.services)) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
      expect(service.user).toMatch(/^1000\d:1000\d$/);
      expect(service.mem_limit).toMatch(/^\d+m$/);
    }
  });

  it('never calls a service as an upstream is called, because its mirror would then find itself', () => {
    const names = Object.keys(compose.services);
    for (const upstream of upstreams) expect(names).not.toContain(upstream);
    expect(names).toContain('mirror-docker.io');
  });

  it('gives every mirror a port of its own, so that one at the address of another is not taken for it', () => {
    const names = [...catalogue.map(({ id }) => id), 'registry.example', 'registry.example:5000', 'nvcr.io', 'lscr.io'];
    const ports = names.map(mirrorPort);
    expect(new Set([...ports, twinPort, registryMetricsPort]).size).toBe(names.length + 2);
    for (const port of ports) expect(port >= 10_000 && port < 30_000).toBe(true);
  });

  it('gives every registry the whole data folder in one mount', () => {
    const registries = Object.entries(compose.services).filter(([name]) => name !== 'envoy');
    expect(registries).toHaveLength(upstreams.length + 1);
    for (const [, { volumes }] of registries) expect(volumes).toContain(`./data:${dataMount}`);
  });

  it('starts Envoy with the flags without which it goes live wrongly', () => {
    expect(compose.services['envoy']?.command).toEqual(
      expect.arrayContaining(['--reject-unknown-dynamic-fields', '--disable-hot-restart']),
    );
  });
});

describe("a mirror's configuration", () => {
  it('has no cache, no expiry, a root of its own, and starts without its upstream', () => {
    const config = parse(rendered()('registry/docker.io.yml').text) as Record<string, Record<string, unknown>>;
    expect(config['storage']).not.toHaveProperty('cache');
    expect(config['storage']?.['filesystem']).toEqual({ rootdirectory: `${dataMount}/docker.io` });
    expect(config['proxy']).toMatchObject({
      remoteurl: 'https://registry-1.docker.io',
      ttl: 0,
      exec: { command: '/bin/false' },
    });
  });

  it('of the twin asks nobody and writes nothing', () => {
    const config = parse(rendered()('registry/offline.yml').text) as Record<string, Record<string, unknown>>;
    expect(config).not.toHaveProperty('proxy');
    expect(config['storage']?.['maintenance']).toEqual({
      uploadpurging: { enabled: false },
      readonly: { enabled: true },
    });
  });
});

describe("a node's files", () => {
  it('say in their first lines who wrote them', () => {
    for (const { text } of renderNodeFiles(input())) expect(text.split('\n')[1]).toMatch(/^# Written by Mirrorfleet/);
  });

  it('hold the key in one file only, which is marked and which others cannot read', () => {
    const withKey = renderNodeFiles(input()).filter(({ text }) => text.includes('THE KEY'));
    expect(withKey.map(({ path }) => path)).toEqual(['envoy/sds/server_cert.yaml']);
    expect(withKey[0]).toMatchObject({ sensitive: true, mode: 0o440, owner: { uid: 0, gid: 10002 } });
  });

  it("hold the metrics port's token in one file only, with every route but the last, marked and kept from others", () => {
    const withToken = renderNodeFiles(input()).filter(({ text }) => text.includes('THE-TOKEN'));
    expect(withToken.map(({ path }) => path)).toEqual(['envoy/xds/metrics.yaml']);
    expect(withToken[0]).toMatchObject({ sensitive: true, mode: 0o440, owner: { uid: 0, gid: 10002 } });
    const text = withToken[0]?.text ?? '';
    expect(text.split('THE-TOKEN')).toHaveLength(text.split(/ match:/).length - 1);
  });

  it('are the same bytes for the same node', () => {
    expect(renderNodeFiles(input())).toEqual(renderNodeFiles(input()));
  });

  it('mirror an upstream once, whichever of its names was given', () => {
    const twice = renderNodeFiles(input({ upstreams: ['k8s.gcr.io', 'registry.k8s.io'] })).map(({ path }) => path);
    expect(twice.filter((path) => path.startsWith('registry/'))).toEqual([
      'registry/registry.k8s.io.yml',
      'registry/offline.yml',
    ]);
  });

  it.each(['offline', 'blobs'])('do not let an upstream called %s take the place of our own folder', (name) => {
    expect(() => renderNodeFiles(input({ upstreams: [name] }))).toThrow('keeps its own files under that name');
  });
});

describe("a node's folders", () => {
  const directories = renderDirectories(input());
  const paths = directories.map(({ path }) => path);

  it('come after their parents', () => {
    for (const [index, path] of paths.entries()) {
      const parent = posix.dirname(path);
      if (parent !== '.') expect(paths.slice(0, index)).toContain(parent);
    }
  });

  it('are linked relatively, to folders that exist and stay inside the data folder', () => {
    const links = directories.filter(({ target }) => target !== undefined);
    expect(links).toHaveLength(upstreams.length * 2 + 1);
    for (const { path, target = '' } of links) {
      expect(target).toMatch(/^[.][.]/);
      const led = posix.join(posix.dirname(path), target);
      expect(paths).toContain(led);
      expect(led).toMatch(/^data\//);
    }
  });

  it('hold each file that is rendered', () => {
    for (const { path } of renderNodeFiles(input())) {
      const folder = posix.dirname(path);
      if (folder !== '.') expect(paths).toContain(folder);
    }
  });
});
