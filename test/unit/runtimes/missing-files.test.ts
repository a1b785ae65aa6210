import { expect, test } from 'vitest';
import { planContainerd } from '../../../main/runtimes/containerd-plan.ts';
import { planDirect, planMirrors } from '../../../main/runtimes/docker-plan.ts';
import type { PodmanRegistry } from '../../../main/runtimes/podman-command.ts';
import { type PodmanFacts, planPodman } from '../../../main/runtimes/podman-plan.ts';
import type { PreparedSwitch } from '../../../main/runtimes/runtime.ts';
import type { SwitchRecord } from '../../../main/runtimes/switch-records.ts';
import { hashOf } from '../../../main/runtimes/file-diff.ts';
import * as containerd from './containerd-fixture.ts';
import * as docker from './docker-fixture.ts';

const without = <T>(seen: ReadonlyMap<string, T>, name: string): Map<string, T> =>
  new Map([...seen].filter(([path]) => !path.endsWith(name)));

function ofPodman(): PreparedSwitch {
  const { tokyo } = containerd;
  const facts: PodmanFacts = { folder: '/c', live: new Map(), record: undefined, seen: new Map(), service: false };
  const on = planPodman(['tokyo'], [tokyo], facts);
  const record: SwitchRecord = {
    state: 'switched',
    route: ['tokyo'],
    mirrors: [...on.ourMirrors],
    files: Object.fromEntries(on.edits.map(({ path, bytes }) => [path, hashOf(bytes)])),
    interim: [],
    backups: [],
    folders: [],
    at: 0,
  };
  const entry = (name: string): [string, PodmanRegistry] => [
    name,
    {
      Prefix: name,
      Location: name,
      Insecure: false,
      Blocked: false,
      MirrorByDigestOnly: false,
      Mirrors: [{ Location: `tokyo.example/${name}`, Insecure: false, PullFromMirror: '' }],
    },
  ];
  const seen = without(new Map(on.edits.map(({ path, bytes }) => [path, bytes])), 'client.cert');
  return planPodman(['tokyo'], [tokyo], { ...facts, live: new Map(['docker.io', 'ghcr.io'].map(entry)), record, seen });
}

// The engine uses the mirrors, and could not reach them any more.
test.each<[string, () => PreparedSwitch]>([
  [
    'Docker',
    () => {
      const right = docker.switched('{}');
      return planMirrors(['tokyo'], [docker.tokyo], { ...right, seen: without(right.seen, 'client.cert') });
    },
  ],
  [
    'containerd',
    () => {
      const right = containerd.switched(containerd.debian);
      return planContainerd(['tokyo'], [containerd.tokyo], { ...right, seen: without(right.seen, 'client.cert') });
    },
  ],
  ['Podman', ofPodman],
])('a certificate that someone deleted is written again, though %s follows the route', (_, plan) => {
  const { nothingToDo, edits } = plan();
  expect(nothingToDo).toBe(false);
  expect(edits.map(({ path, change }) => [path.split('/').at(-1), change.action])).toEqual([['client.cert', 'create']]);
});

test('a Docker whose user had our mirror already keeps it on the way back', () => {
  const original = `{"registry-mirrors":["${docker.url}"]}`;
  const on = docker.switched(original);
  expect(on.record?.files).not.toHaveProperty([docker.file]);
  const off = planDirect({ ...on, current: docker.bytesOf(original), live: [docker.url] });
  expect(off.edits.map(({ path }) => path)).not.toContain(docker.file);
  expect(off).toMatchObject({ expectedMirrors: [docker.url], interim: undefined, warnings: [] });
});

test('mirrors of containerd are in the order of whole names, as its folders are', () => {
  const own = { files: ['hosts.toml'], hosts: docker.bytesOf('[host."https://own.example"]\n') };
  const right = containerd.switched(containerd.debian);
  const folders = new Map([...right.folders, ['docker.example', own], ['ghcr.io.example', own], ['gcr.io', own]]);
  expect(planContainerd(['tokyo'], [containerd.tokyo], { ...right, folders }).expectedMirrors).toEqual([
    'docker.example → https://own.example',
    'docker.io → https://tokyo.example',
    'gcr.io → https://own.example',
    'ghcr.io → https://tokyo.example',
    'ghcr.io.example → https://own.example',
  ]);
});

test('Docker is expected to report once what its file names twice, and its file is left so', () => {
  const original = '{"registry-mirrors": ["https://own.example", "https://own.example/"]}';
  const on = docker.switched(original);
  expect(on.live).toEqual([docker.url, 'https://own.example']);
  const off = planDirect(on);
  expect(off.expectedMirrors).toEqual(['https://own.example']);
  expect(docker.textOf(off.edits.find(({ path }) => path === docker.file)?.bytes)).toBe(original);
});
