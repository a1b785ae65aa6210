import { posix } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { catalogue, upstreamOf } from '../../../main/fleet/upstreams.ts';
import {
  dataMount,
  mirrorPort,
  registryMetricsPort,
  twinPort,
} from '../../../main/provision/render/container-paths.ts';
import { renderDirectories, renderNodeFiles } from '../../../main/provision/render/render-node-files.ts';
import { bootstrapFile } from '../../../main/provision/render/bootstrap-file.ts';
import { clusters } from '../../../main/provision/render/clusters.ts';
import { listeners } from '../../../main/provision/render/listeners.ts';
import { metricsRoutes } from '../../../main/provision/render/metrics-routes.ts';
import { edgeRoutes } from '../../../main/provision/render/routes.ts';
import { composeFile } from '../../../main/provision/render/compose-file.ts';
import { mirrorFile, twinFile } from '../../../main/provision/render/registry-file.ts';
import { discoveryFile, yamlFile } from '../../../main/provision/render/yaml-file.ts';
import { problemOf } from '../../../preload/contract/problem.ts';
import { input, rendered, served, upstreams } from './rendered-node.ts';

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
/** Rendered anew by each test, so that a run over mutants knows which test meets which. */
const project = () => parse(composeFile(input(), served())) as { services: Record<string, Service> };

describe("a node's Compose project", () => {
  it('has no name and no version, which one Compose or the other would refuse', () => {
    expect(Object.keys(project())).toEqual(['services', 'networks']);
  });

  it('publishes the edge and the loopback metrics, and nothing else', () => {
    const published = Object.entries(project().services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => [name, port]),
    );
    expect(published).toEqual([
      ['envoy', '443:8443'],
      ['envoy', '127.0.0.1:9902:9902'],
    ]);
  });

  it('confines every container: no root, no rights, no writing but to what it needs', () => {
    for (const service of Object.values(project().services)) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
      expect(service.user).toMatch(/^1000\d:1000\d$/);
      expect(service.mem_limit).toMatch(/^\d+m$/);
    }
  });

  it('never calls a service as an upstream is called, because its mirror would then find itself', () => {
    const names = Object.keys(project().services);
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
    const registries = Object.entries(project().services).filter(([name]) => name !== 'envoy');
    expect(registries).toHaveLength(upstreams.length + 1);
    for (const [, { volumes }] of registries) expect(volumes).toContain(`./data:${dataMount}`);
  });

  it('starts Envoy with the flags without which it goes live wrongly', () => {
    expect(project().services['envoy']?.command).toEqual(
      expect.arrayContaining(['--reject-unknown-dynamic-fields', '--disable-hot-restart']),
    );
  });
});

describe("a mirror's configuration", () => {
  it('has no cache, no expiry, a root of its own, and starts without its upstream', () => {
    const config = parse(mirrorFile(upstreamOf('docker.io'))) as Record<string, Record<string, unknown>>;
    expect(config['storage']).not.toHaveProperty('cache');
    expect(config['storage']?.['filesystem']).toEqual({ rootdirectory: `${dataMount}/docker.io` });
    expect(config['proxy']).toMatchObject({
      remoteurl: 'https://registry-1.docker.io',
      ttl: 0,
      exec: { command: '/bin/false' },
    });
  });

  it('of the twin asks nobody and writes nothing', () => {
    const config = parse(twinFile()) as Record<string, Record<string, unknown>>;
    expect(config).not.toHaveProperty('proxy');
    expect(config['storage']?.['maintenance']).toEqual({
      uploadpurging: { enabled: false },
      readonly: { enabled: true },
    });
  });
});

describe("a node's files", () => {
  it('say in their first lines what they are for and who wrote them', () => {
    for (const { text } of renderNodeFiles(input())) {
      const [purpose, writer] = text.split('\n');
      expect(purpose).toMatch(/^# [A-Z].{10,}\.$/);
      expect(writer).toMatch(/^# Written by Mirrorfleet/);
    }
  });

  it('that the edge reads hold what they are named for', () => {
    const file = rendered();
    const held = (name: string): unknown => parse(file(`envoy/xds/${name}.yaml`).text);
    const { address } = input().spec;
    expect(held('rds')).toMatchObject({ resources: [edgeRoutes(address, served()).resource] });
    expect(held('cds')).toMatchObject({ resources: clusters(served()) });
    expect(held('lds')).toMatchObject({ resources: listeners(served()) });
    expect(held('metrics')).toMatchObject({ resources: [metricsRoutes(served(), input().metricsToken)] });
    expect(file('envoy/envoy.yaml').text).toBe(bootstrapFile(input().layout));
    expect(file('compose.yaml').text).toBe(composeFile(input(), served()));
    expect(file('compose.yaml')).not.toHaveProperty('service');
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

  it('say what has to happen when they change, to which service, and who may read them', () => {
    const files = renderNodeFiles(input({ upstreams: ['docker.io', 'registry.example:5000'] }));
    const edgeOnly = { uid: 0, gid: 10002 };
    const root = { uid: 0, gid: 0 };
    expect(
      files.map(({ path, role, service, mode, owner, sensitive }) => [path, role, service, mode, owner, sensitive]),
    ).toEqual([
      ['compose.yaml', 'compose', undefined, 0o644, root, false],
      ['registry/docker.io.yml', 'registry', 'mirror-docker.io', 0o644, root, false],
      ['registry/registry.example_5000.yml', 'registry', 'mirror-registry.example_5000', 0o644, root, false],
      ['registry/offline.yml', 'registry', 'offline', 0o644, root, false],
      ['envoy/envoy.yaml', 'bootstrap', 'envoy', 0o644, root, false],
      ['envoy/sds/server_cert.yaml', 'sds', 'envoy', 0o440, edgeOnly, true],
      ['envoy/sds/clients.yaml', 'sds', 'envoy', 0o440, edgeOnly, false],
      ['envoy/xds/cds.yaml', 'xds', 'envoy', 0o644, root, false],
      ['envoy/xds/rds.yaml', 'xds', 'envoy', 0o644, root, false],
      ['envoy/xds/metrics.yaml', 'xds', 'envoy', 0o440, edgeOnly, true],
      ['envoy/xds/lds.yaml', 'xds', 'envoy', 0o644, root, false],
    ]);
  });

  it('are read alike by programs of both versions of YAML, in long lines and without references', () => {
    expect(yamlFile('x', { answer: 'no', long: 'a b '.repeat(100) })).toBe(
      `# x\n# Written by Mirrorfleet. A change made by hand is shown as drift and taken back by the next apply.\nanswer: "no"\nlong: "${'a b '.repeat(100)}"\n`,
    );
    for (const { path, text } of renderNodeFiles(input()))
      expect([path, text.split('\n').filter((line) => /^[^#"']*: [&*]/.test(line))]).toEqual([path, []]);
  });

  it('that Envoy reads are known by their content: another is another version, the same the same', () => {
    const version = (...names: string[]) => /^version_info: (.*)$/m.exec(discoveryFile('x', served(names)))?.[1];
    expect(version('docker.io')).toMatch(/^"?[0-9a-f]{16}"?$/);
    expect(version('docker.io')).toBe(version('docker.io'));
    expect(version('docker.io')).not.toBe(version('ghcr.io'));
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
    const refused = (): unknown => {
      try {
        return renderNodeFiles(input({ upstreams: ['docker.io', name] }));
      } catch (error) {
        return problemOf(error);
      }
    };
    expect(refused()).toMatchObject({
      code: 'upstream-name-reserved',
      message: `An upstream cannot be called "${name}": a node keeps its own files under that name. Nothing was changed.`,
      hint: 'Use the registry host name with its domain, such as registry.example.',
    });
  });
});

describe("a node's folders", () => {
  const folders = () => {
    const directories = renderDirectories(input());
    return { directories, paths: directories.map(({ path }) => path) };
  };

  it('come after their parents', () => {
    const { paths } = folders();
    for (const [index, path] of paths.entries()) {
      const parent = posix.dirname(path);
      if (parent !== '.') expect(paths.slice(0, index)).toContain(parent);
    }
  });

  it('are written by the registries where content lies, and by nobody else: keys are in a folder only the edge may look into', () => {
    const { directories } = folders();
    const registries = { uid: 10001, gid: 10001 };
    for (const { path, mode, owner, target } of directories) {
      if (path.startsWith('data')) expect([path, owner]).toEqual([path, registries]);
      else expect([path, owner.uid]).toEqual([path, 0]);
      if (target === undefined && path !== 'envoy/sds') expect([path, mode]).toEqual([path, 0o755]);
    }
    expect(directories.find(({ path }) => path === 'envoy/sds')).toMatchObject({
      mode: 0o750,
      owner: { uid: 0, gid: 10002 },
    });
  });

  it('keep the repositories of each upstream apart over one store of layers, and show the twin all of them', () => {
    const { directories } = folders();
    const led = new Map(
      directories.flatMap(({ path, target }) =>
        target === undefined ? [] : [[path, posix.join(posix.dirname(path), target)]],
      ),
    );
    const root = (name: string) => `data/${name}/docker/registry/v2`;
    for (const name of ['docker.io', 'registry.example_5000', 'offline'])
      expect(led.get(`${root(name)}/blobs`)).toBe('data/blobs');
    for (const name of ['docker.io', 'registry.example_5000'])
      expect(led.get(`${root('offline')}/repositories/${name}`)).toBe(`${root(name)}/repositories`);
  });

  it('are linked relatively, to folders that exist and stay inside the data folder', () => {
    const { directories, paths } = folders();
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
    const { paths } = folders();
    for (const { path } of renderNodeFiles(input())) {
      const folder = posix.dirname(path);
      if (folder !== '.') expect(paths).toContain(folder);
    }
  });
});
