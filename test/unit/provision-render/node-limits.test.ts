import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { upstreamOf } from '../../../main/fleet/upstreams.ts';
import { composeFile } from '../../../main/provision/render/compose-file.ts';
import { dataMount, registryConfig } from '../../../main/provision/render/container-paths.ts';
import { mirrorFile, twinFile } from '../../../main/provision/render/registry-file.ts';
import { input, served } from './rendered-node.ts';

const serviceSchema = z.object({
  image: z.string(),
  command: z.array(z.string()),
  user: z.string(),
  restart: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()),
  tmpfs: z.array(z.string()).default([]),
  networks: z.array(z.string()),
  mem_limit: z.string(),
  pids_limit: z.number(),
  stop_grace_period: z.string().optional(),
  logging: z.object({
    driver: z.string(),
    options: z.object({ 'max-size': z.string(), 'max-file': z.string() }),
  }),
});
const projectSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  networks: z.record(z.string(), z.object({ driver: z.string() })),
});
const project = (...names: string[]) => projectSchema.parse(parse(composeFile(input(), served(names))));
const registries = () =>
  Object.entries(project('docker.io', 'registry.example:5000').services).filter(([name]) => name !== 'envoy');
const edge = () => project().services['envoy'];

describe('on the server, a container of a node', () => {
  test('comes back by itself after a fall or a restart of the machine', () => {
    for (const { restart } of Object.values(project('docker.io').services)) expect(restart).toBe('unless-stopped');
  });

  test('meets its neighbours on a network of its own', () => {
    expect(project('docker.io').networks).toEqual({ mirrors: { driver: 'bridge' } });
    for (const { networks } of Object.values(project('docker.io').services)) expect(networks).toEqual(['mirrors']);
  });

  test('fills no disk with what it says', () => {
    for (const [, { logging }] of registries())
      expect(logging).toEqual({ driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } });
    expect(edge()?.logging).toEqual({ driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5' } });
  });

  test('takes no more memory and processes than it was measured to need', () => {
    for (const [, service] of registries()) {
      expect([service.mem_limit, service.pids_limit]).toEqual(['256m', 512]);
      const collected = Number(/^(\d+)MiB$/.exec(service.environment['GOMEMLIMIT'] ?? '')?.[1]);
      expect(collected).toBeLessThan(256);
      expect(collected).toBeGreaterThan(140);
    }
    expect([edge()?.mem_limit, edge()?.pids_limit]).toEqual(['192m', 128]);
  });

  test('that is a registry is given the time to end its downloads before it is killed', () => {
    for (const [name, { stop_grace_period: grace }] of registries()) {
      const config = name === 'offline' ? twinFile() : mirrorFile(upstreamOf('docker.io'));
      const drain = /draintimeout: (\d+)s/.exec(config)?.[1];
      expect(Number(drain)).toBe(30);
      expect(Number(/^(\d+)s$/.exec(grace ?? '')?.[1])).toBeGreaterThan(Number(drain));
    }
  });

  test('that is a registry reads its own configuration, cannot write it, and has a place for what is in passing', () => {
    expect(registries().map(([name, { command, volumes, tmpfs }]) => [name, command, volumes[0], tmpfs])).toEqual(
      [
        ['mirror-docker.io', 'docker.io'],
        ['mirror-registry.example_5000', 'registry.example_5000'],
        ['offline', 'offline'],
      ].map(([name, file]) => [
        name,
        ['serve', registryConfig],
        `./registry/${file}.yml:${registryConfig}:ro`,
        ['/tmp'],
      ]),
    );
    for (const [, { environment, image, user }] of registries()) {
      expect(environment['OTEL_TRACES_EXPORTER']).toBe('none');
      expect([image, user]).toEqual([input().images.registry, '10001:10001']);
    }
  });

  test('that is the edge reads its files, cannot write them, and lets downloads end after a change of its listeners', () => {
    expect(edge()).toMatchObject({
      image: input().images.envoy,
      user: '10002:10002',
      volumes: ['./envoy:/etc/envoy:ro'],
    });
    const option = (name: string): string | undefined => {
      const { command = [] } = edge() ?? {};
      return command[command.indexOf(name) + 1];
    };
    expect(['-c', '--concurrency', '--drain-time-s', '--file-flush-interval-msec', '--log-level'].map(option)).toEqual([
      '/etc/envoy/envoy.yaml',
      '2',
      '600',
      '250',
      'warn',
    ]);
  });

  test('is explained by the first line of its project', () => {
    expect(composeFile(input(), served(['docker.io', 'ghcr.io']))).toMatch(/^# A mirror of docker\.io, ghcr\.io\.\n/);
  });
});

const registrySchema = z.looseObject({
  version: z.number(),
  log: z.object({ level: z.string(), formatter: z.string(), accesslog: z.object({ disabled: z.boolean() }) }),
  storage: z.looseObject({ filesystem: z.object({ rootdirectory: z.string() }) }),
  http: z.looseObject({ addr: z.string() }),
});

describe('a registry', () => {
  const configs = () => [mirrorFile(upstreamOf('registry.example:5000')), twinFile()];

  test('deletes nothing when it is asked to, shows its figures and its health, and says nothing of each request', () => {
    for (const text of configs()) {
      const config = registrySchema.parse(parse(text));
      expect(config).toMatchObject({
        version: 0.1,
        log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
        storage: { delete: { enabled: false } },
        http: { debug: { addr: ':5001', prometheus: { enabled: true, path: '/metrics' } } },
        health: { storagedriver: { enabled: true, interval: '10s', threshold: 3 } },
      });
      expect(config.http).not.toHaveProperty('secret');
    }
  });

  test('keeps what is its own in a folder of its own', () => {
    expect(configs().map((text) => registrySchema.parse(parse(text)).storage.filesystem.rootdirectory)).toEqual([
      `${dataMount}/registry.example_5000`,
      `${dataMount}/offline`,
    ]);
  });

  test('that mirrors clears away, within a day, what a broken download left', () => {
    expect(parse(mirrorFile(upstreamOf('ghcr.io')))).toMatchObject({
      storage: {
        maintenance: { uploadpurging: { enabled: true, age: '24h', interval: '6h', dryrun: false } },
      },
      proxy: { remoteurl: 'https://ghcr.io', exec: { lifetime: '24h' } },
    });
  });

  test('says in its first line what it is', () => {
    expect(configs().map((text) => text.split('\n')[0])).toEqual([
      '# The mirror of registry.example:5000.',
      '# The offline twin: serves what the mirrors have cached while an upstream is away.',
    ]);
  });
});
