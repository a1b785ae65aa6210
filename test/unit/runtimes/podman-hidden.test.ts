import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { hashOf } from '../../../main/runtimes/file-diff.ts';
import { type PodmanFacts, planPodman, podmanMirrors } from '../../../main/runtimes/podman-plan.ts';
import type { Runtime } from '../../../main/runtimes/runtime.ts';
import { runSwitch } from '../../../main/runtimes/switch.ts';
import { SwitchRecords } from '../../../main/runtimes/switch-records.ts';
import { takenOver } from '../../../main/runtimes/taken-over.ts';
import { Tasks } from '../../../main/tasks/tasks.ts';
import { tokyo as anyTokyo } from './tokyo.ts';

const tokyo = { ...anyTokyo, upstreams: ['docker.io'] };
const home = mkdtempSync(join(tmpdir(), 'podman-hidden-'));
afterEach(() => rmSync(home, { recursive: true, force: true }));
const never = () => Promise.reject(new Error('not asked'));
const using = (...locations: readonly string[]): PodmanFacts['live'] =>
  new Map([
    [
      'docker.io',
      {
        Prefix: 'docker.io',
        Location: 'docker.io',
        Insecure: false,
        Blocked: false,
        MirrorByDigestOnly: false,
        Mirrors: locations.map((Location) => ({ Location, Insecure: false, PullFromMirror: '' })),
      },
    ],
  ]);

/** A switch to direct of a Podman whose user had one mirror when we came, after which it uses these. */
async function direct(after: PodmanFacts['live']) {
  rmSync(home, { recursive: true, force: true });
  const facts: PodmanFacts = { folder: home, live: using('own'), record: undefined, seen: new Map(), service: false };
  const on = planPodman(['tokyo'], [tokyo], facts);
  for (const { path, bytes = '' } of on.edits) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  const records = new SwitchRecords(join(home, 'records.json'));
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
  records.write('podman', record);
  const seen = new Map(on.edits.map(({ path, bytes }) => [path, bytes]));
  const runtime: Runtime = {
    id: 'podman',
    engine: 'Podman',
    userAgent: 'containers/',
    provesAsRoot: false,
    inspect: never,
    prepare: async () => planPodman([], [], { ...facts, live: using('tokyo.example/docker.io', 'own'), record, seen }),
    liveMirrors: async () => podmanMirrors(after),
    pullForProof: never,
    storage: never,
  };
  const { problem } = await new Tasks(() => {}).run({ kind: 'switch', subject: 'podman', title: 't' }, async (task) => {
    await runSwitch({ runtime, route: [], endpoints: [], task, records, openHelper: never, edgeRequests: never });
  });
  return { problem: problem?.code, left: readdirSync(join(home, 'registries.conf.d')) };
}

test.each([
  ['kept', using('own')],
  ['gave up', new Map()],
  ['changed', using('own.example/hub', 'another')],
] as const)('the way back goes through where the user %s mirrors that our file had hidden', async (_, after) => {
  expect(await direct(after)).toEqual({ problem: undefined, left: [] });
});

const expected = (...expectedMirrors: readonly string[]) => ({ expectedMirrors, uncovered: ['docker.io'] });
test.each([
  ['one of ours is left', ['docker.io → ours', 'docker.io → own'], expected(), false],
  ['only the user’s are left', ['docker.io → own'], expected(), true],
  ['a registry of a longer name has one', ['docker.io/team → own'], expected(), false],
  ['another registry lost its own', ['docker.io → own'], expected('quay.io → x'), false],
  ['another registry kept its own', ['docker.io → own', 'quay.io → x'], expected('quay.io → x'), true],
  ['nothing was hidden', ['docker.io → own'], { expectedMirrors: [] }, false],
])('the way back is seen to be done, or not, where %s', (_, live, wanted, done) => {
  expect(takenOver(live, wanted, ['docker.io → ours'])).toBe(done);
});
