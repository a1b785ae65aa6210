import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { hashOf } from '../../../main/runtimes/file-diff.ts';
import { mirroredNames } from '../../../main/runtimes/mirrored-names.ts';
import type { SeenFile } from '../../../main/runtimes/owned-files.ts';
import type { PodmanRegistry } from '../../../main/runtimes/podman-command.ts';
import { type PodmanFacts, planPodman, podmanMirrors, podmanPaths } from '../../../main/runtimes/podman-plan.ts';
import type { MirrorEndpoint } from '../../../main/runtimes/runtime.ts';
import type { SwitchRecord } from '../../../main/runtimes/switch-records.ts';
import { type Problem, problemOf } from '../../../preload/contract/problem.ts';
import { tokyo as anyTokyo } from './tokyo.ts';

const tokyo: MirrorEndpoint = { ...anyTokyo, upstreams: ['docker.io', 'quay.io'] };
const osaka: MirrorEndpoint = { ...tokyo, node: 'osaka', authority: 'osaka.example:8443', upstreams: ['docker.io'] };
const folder = '/home/me/.config/containers';
const dropIn = `${folder}/registries.conf.d/zz-mirrorfleet.conf`;
const certs = ['ca.crt', 'client.cert', 'client.key'].map((name) => `${folder}/certs.d/tokyo.example/${name}`);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

type Mirrors = NonNullable<PodmanRegistry['Mirrors']>;
const mirror = (Location: string, more: Partial<Mirrors[number]> = {}): Mirrors[number] => ({
  Location,
  Insecure: false,
  PullFromMirror: '',
  ...more,
});
const registry = (Prefix: string, Mirrors: Mirrors): [string, PodmanRegistry] => [
  Prefix,
  { Prefix, Location: Prefix, Insecure: false, Blocked: false, MirrorByDigestOnly: false, Mirrors },
];
const facts = (more: Partial<PodmanFacts> = {}): PodmanFacts => ({
  folder,
  live: new Map(),
  record: undefined,
  seen: new Map(),
  service: false,
  ...more,
});

/** Podman following tokyo, with these mirrors of the user for docker.io. */
function switched(users: Mirrors = []) {
  const before = new Map([registry('docker.io', users)]);
  const on = planPodman(['tokyo'], [tokyo], facts({ live: before }));
  const live = new Map([
    registry('docker.io', [mirror('tokyo.example/docker.io'), ...users]),
    registry('quay.io', [mirror('tokyo.example/quay.io')]),
  ]);
  const record = {
    state: 'switched' as const,
    route: ['tokyo'],
    mirrors: [...on.ourMirrors],
    files: Object.fromEntries(on.edits.map(({ path, bytes }) => [path, hashOf(bytes)])),
    interim: [],
    backups: [],
    folders: [],
    at: 0,
  };
  const seen = new Map<string, SeenFile>(on.edits.map(({ path, bytes }) => [path, bytes]));
  return { ...facts(), live, record, seen };
}

describe('a switch of Podman has nothing to do', () => {
  const since = registry('quay.io', [mirror('tokyo.example/quay.io'), mirror('own')]);
  type Live = readonly (readonly [string, PodmanRegistry])[];
  test.each<[string, Partial<SwitchRecord>, (live: Live) => Live, boolean]>([
    ['where all is right', {}, (live) => live, true],
    ['and not where the last one never ended', { state: 'switching' }, (live) => live, false],
    ['and not where the record names another route', { route: ['osaka'] }, (live) => live, false],
    ['and not where podman uses less', {}, (live) => live.slice(1), false],
    ['and not where a mirror of the user came since', {}, (live) => [...live, since], false],
  ])('%s', (_, record, liveOf, nothing) => {
    const right = switched();
    const live = new Map(liveOf([...right.live]));
    const more = { ...right, live, record: { ...right.record, ...record } };
    expect(planPodman(['tokyo'], [tokyo], more).nothingToDo).toBe(nothing);
  });

  test('to direct where nothing is on record, whatever the user has, and not while there is a record', () => {
    const live = new Map([registry('docker.io', [mirror('own')])]);
    expect(planPodman([], [], facts({ live }))).toMatchObject({ nothingToDo: true, edits: [] });
    expect(planPodman([], [], { ...switched(), live: new Map(), seen: new Map() })).toMatchObject({
      nothingToDo: false,
      edits: [],
    });
  });
});

describe('the plan of Podman', () => {
  const own = mirror('own.example/hub', { Insecure: true, PullFromMirror: 'digest-only' });

  test('asks the user’s own mirrors of a registry after ours, as the user set them', () => {
    const plan = planPodman(['tokyo', 'osaka'], [tokyo, osaka], switched([own]));
    const written = parse(textOf(plan.edits.find(({ path }) => path === dropIn)?.bytes));
    expect(JSON.parse(JSON.stringify(written))).toEqual({
      registry: [
        {
          prefix: 'docker.io',
          location: 'docker.io',
          mirror: [
            { location: 'tokyo.example/docker.io' },
            { location: 'osaka.example:8443/docker.io' },
            { location: 'own.example/hub', insecure: true, 'pull-from-mirror': 'digest-only' },
          ],
        },
        { prefix: 'quay.io', location: 'quay.io', mirror: [{ location: 'tokyo.example/quay.io' }] },
      ],
    });
    const ours = ['docker.io → tokyo.example/docker.io', 'docker.io → osaka.example:8443/docker.io'];
    expect(plan).toMatchObject({
      runtime: 'podman',
      route: ['tokyo', 'osaka'],
      writer: 'user',
      activate: 'nothing',
      activation: { code: 'podman-reads-at-every-pull' },
      restarts: [],
      interimFirst: false,
      ourMirrors: [...ours, 'quay.io → tokyo.example/quay.io'],
      expectedMirrors: [...ours, 'docker.io → own.example/hub', 'quay.io → tokyo.example/quay.io'],
      liveBefore: [
        'docker.io → tokyo.example/docker.io',
        'docker.io → own.example/hub',
        'quay.io → tokyo.example/quay.io',
      ],
    });
  });

  test('says in the drop-in whose it is, what it does and how to be rid of it', () => {
    const plan = planPodman(['tokyo', 'osaka'], [tokyo, osaka], facts());
    const text = textOf(plan.edits.find(({ path }) => path === dropIn)?.bytes);
    expect(text.split('\n').slice(0, 3)).toEqual([
      '# Written by Mirrorfleet: pulls try tokyo, then osaka first, then the registry itself.',
      '# "mirrorfleet switch podman direct" takes this file away.',
      '',
    ]);
  });

  test('leaves other registries of the user as they are, to a node and back', () => {
    const on = switched([own]);
    const live = new Map([
      ...on.live,
      registry('zot.example', [mirror('z.example')]),
      registry('a.example', [mirror('b.example')]),
    ]);
    expect(planPodman(['osaka'], [osaka], { ...on, live }).expectedMirrors).toEqual([
      'a.example → b.example',
      'docker.io → osaka.example:8443/docker.io',
      'docker.io → own.example/hub',
      'zot.example → z.example',
    ]);
    const off = planPodman([], [], { ...on, live });
    expect(off.expectedMirrors).toEqual(['a.example → b.example', 'zot.example → z.example']);
  });

  test('expects nothing of registries that its drop-in hid and no longer names', () => {
    const on = switched([own]);
    expect(planPodman([], [], on)).toMatchObject({ uncovered: ['docker.io', 'quay.io'], expectedMirrors: [] });
    expect(planPodman(['osaka'], [osaka], on).uncovered).toEqual(['quay.io']);
    expect(planPodman(['tokyo'], [tokyo], on).uncovered).toEqual([]);
    expect(planPodman(['tokyo'], [tokyo], facts()).uncovered).toEqual([]);
  });

  test('takes away the certificates of a node that leaves the route, and keeps one that someone changed', () => {
    const on = switched();
    const gone = (seen: ReadonlyMap<string, SeenFile>) => planPodman(['osaka'], [osaka], { ...on, seen });
    const paths = (plan: ReturnType<typeof gone>) =>
      plan.edits.filter(({ bytes }) => bytes === undefined).map(({ path }) => path);
    expect(paths(gone(on.seen))).toEqual(certs);
    const changed = gone(new Map([...on.seen, [certs[0] ?? '', bytesOf('changed')]]));
    expect(paths(changed)).toEqual(certs.slice(1));
    expect(changed.warnings.map(({ code }) => code)).toEqual(['foreign-edit-kept']);
  });

  test('refuses to go on over its own drop-in that someone edited, to a node and to direct', () => {
    const on = switched();
    const seen = new Map([...on.seen, [dropIn, bytesOf('edited')]]);
    expect(refusal(() => planPodman(['tokyo'], [tokyo], { ...on, seen })).code).toBe('own-file-edited');
    expect(refusal(() => planPodman([], [], { ...on, seen })).message).toContain(
      `${dropIn} was written by Mirrorfleet`,
    );
  });

  test('asks to see the drop-in and the certificates of now and of the last switch, each once', () => {
    const { record } = switched();
    expect(podmanPaths(folder, [], undefined)).toEqual([dropIn]);
    expect(podmanPaths(folder, [tokyo], record)).toEqual([dropIn, ...certs]);
    expect(podmanPaths(folder, [], record).toSorted()).toEqual([...certs, dropIn].toSorted());
  });
});

describe('the words about what the user has', () => {
  test('name each longer entry, and only those of registries that the route serves', () => {
    const live = new Map(
      ['docker.io/team', 'quay.io/x', 'ghcr.io/x', 'docker.io.example/x'].map((each) => registry(each, [])),
    );
    expect(planPodman(['tokyo'], [tokyo], facts({ live })).warnings).toEqual([
      {
        code: 'podman-longer-prefix',
        message:
          'Your own entries for docker.io/team, quay.io/x stay as they are: what they name does not go through the node.',
        hint: 'Take them out of registries.conf if it should.',
        retryable: false,
      },
    ]);
    expect(planPodman([], [], facts({ live })).warnings).toEqual([]);
  });

  test('say what a running API service keeps, and how to restart it', () => {
    expect(planPodman([], [], facts({ service: true })).warnings).toEqual([
      {
        code: 'podman-service-keeps-old',
        message: 'A podman API service of yours is running; it keeps the mirrors it read at its start.',
        hint: 'Restart it after the switch: systemctl --user restart podman.service',
        retryable: false,
      },
    ]);
  });

  test('name the registry that is treated in a way of its own, and one without a location is not', () => {
    const [name, entry] = registry('quay.io', []);
    const at = (Location: string) => facts({ live: new Map([[name, { ...entry, Location }]]) });
    const problem = refusal(() => planPodman(['tokyo'], [tokyo], at('corp.example')));
    expect(problem.message).toContain(
      'treats quay.io in a way of its own (blocked, insecure, elsewhere or by digest only)',
    );
    expect(problem.message).toContain('Nothing was changed.');
    expect(problem.hint).toContain('Take the [[registry]] entry for quay.io out of registries.conf');
    expect(planPodman(['tokyo'], [tokyo], at('')).edits).toHaveLength(4);
  });
});

test('what podman uses is named by registry in the order of names, also where an entry has no mirrors', () => {
  const [name, entry] = registry('ghcr.io', []);
  const live = new Map([
    registry('quay.io', [mirror('b'), mirror('a')]),
    registry('docker.io', [mirror('c')]),
    [name, { ...entry, Mirrors: null }],
  ]);
  expect(podmanMirrors(live)).toEqual(['docker.io → c', 'quay.io → b', 'quay.io → a']);
});

test('a route serves every name of its upstreams but the API hosts of Docker Hub, each by the nodes that serve it', () => {
  const kyoto = { ...osaka, node: 'kyoto', upstreams: ['registry.k8s.io', 'docker.io', 'own.example:5000'] };
  expect(
    mirroredNames([kyoto, tokyo]).map(({ name, registry: at, endpoints }) => [
      name,
      at,
      endpoints.map(({ node }) => node).join(),
    ]),
  ).toEqual([
    ['docker.io', 'https://registry-1.docker.io', 'kyoto,tokyo'],
    ['k8s.gcr.io', 'https://registry.k8s.io', 'kyoto'],
    ['own.example:5000', 'https://own.example:5000', 'kyoto'],
    ['quay.io', 'https://quay.io', 'tokyo'],
    ['registry.k8s.io', 'https://registry.k8s.io', 'kyoto'],
  ]);
});

function refusal(body: () => unknown): Problem {
  try {
    body();
  } catch (error) {
    return problemOf(error);
  }
  throw new Error('it was not refused');
}
