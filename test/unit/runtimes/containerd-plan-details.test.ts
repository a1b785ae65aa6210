import { describe, expect, test } from 'vitest';
import {
  type CertsFolder,
  type ContainerdFacts,
  containerdMirrors,
  containerdPaths,
  planContainerd,
} from '../../../main/runtimes/containerd-plan.ts';
import { hashOf } from '../../../main/runtimes/file-diff.ts';
import type { SwitchRecord } from '../../../main/runtimes/switch-records.ts';
import { type Problem, problemOf } from '../../../preload/contract/problem.ts';
import { bytesOf, certs, config, debian, facts, ready, switched, tokyo } from './containerd-fixture.ts';

const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const hosts = (url: string): CertsFolder => ({
  files: ['hosts.toml'],
  hosts: bytesOf(`server = "https://x"\n[host."${url}"]\n[host."${url}:81"]\n`),
});
const own = (names: readonly string[]): Folder[] => names.map((name) => [name, hosts(`https://own.example`)] as const);
type Folder = readonly [string, CertsFolder];
const osaka = { ...tokyo, node: 'osaka', authority: 'osaka.example:8443' };

/** {@link switched}, seen by root, who can read the key too. */
function seenByRoot(record: Partial<SwitchRecord> = {}): ContainerdFacts {
  const on = switched(debian);
  const key = [`${certs}/tokyo.example/client.key`, bytesOf(tokyo.clientKey.reveal())] as const;
  return { ...on, seen: new Map([...on.seen, key]), record: on.record && { ...on.record, ...record } };
}

describe('a switch of containerd has nothing to do', () => {
  const others = own(['zot.example', 'a.example', 'e.example']);
  test.each<[string, Partial<SwitchRecord>, (folders: ContainerdFacts['folders']) => readonly Folder[], boolean]>([
    ['where all is right', {}, (folders) => [...folders], true],
    ['where the user has mirrors of other registries too', {}, (folders) => [...others, ...folders], true],
    ['and not where the last one never ended', { state: 'switching' }, (folders) => [...folders], false],
    ['and not where the record names another route', { route: ['osaka'] }, (folders) => [...folders], false],
    ['and not where a hosts.toml was taken away meanwhile', {}, (folders) => [...folders].slice(1), false],
  ])('%s', (_, record, foldersOf, nothing) => {
    const right = seenByRoot(record);
    const plan = planContainerd(['tokyo'], [tokyo], { ...right, folders: new Map(foldersOf(right.folders)) });
    expect([plan.nothingToDo, plan.edits]).toEqual([nothing, []]);
  });

  test('to direct where nothing is on record, whatever the user has, and not while there is a record', () => {
    const folders = new Map(own(['docker.io']));
    expect(planContainerd([], [], facts({ config: ready, folders })).nothingToDo).toBe(true);
    const gone = { ...seenByRoot(), config: debian, seen: new Map(), folders: new Map() };
    expect(planContainerd([], [], gone)).toMatchObject({ nothingToDo: false, edits: [], activate: 'nothing' });
  });
});

describe('what containerd uses', () => {
  test('is named by registry, in the order of names, and in the order of each file', () => {
    const folders = new Map<string, CertsFolder>([
      ...own(['quay.io', 'docker.io']),
      ['ghcr.io', { files: ['ca.crt'], hosts: undefined }],
    ]);
    expect(containerdMirrors(folders)).toEqual([
      'docker.io → https://own.example',
      'docker.io → https://own.example:81',
      'quay.io → https://own.example',
      'quay.io → https://own.example:81',
    ]);
  });

  test('is nothing as long as config.toml does not name the folder', () => {
    const folders = new Map(own(['quay.io']));
    expect(planContainerd(['tokyo'], [tokyo], facts({ folders })).liveBefore).toEqual([]);
    expect(planContainerd(['tokyo'], [tokyo], facts({ folders, config: ready })).liveBefore).toHaveLength(2);
    expect(planContainerd(['tokyo'], [tokyo], facts({ running: false })).liveBefore).toBeUndefined();
  });

  // Other tools (nerdctl) read the folder whatever config.toml says, so it may have been in use before.
  test('counts what lies in the folder already from when config.toml names it, and no longer when it does not', () => {
    const folders = new Map(own(['quay.io']));
    const users = ['quay.io → https://own.example', 'quay.io → https://own.example:81'];
    const on = planContainerd(['tokyo'], [{ ...tokyo, upstreams: ['docker.io'] }], facts({ folders }));
    expect(on.liveBefore).toEqual([]);
    expect(on.expectedMirrors).toEqual(['docker.io → https://tokyo.example', ...users]);
    const back = { ...switched(debian), folders: new Map([...switched(debian).folders, ...folders]) };
    expect(planContainerd([], [], back)).toMatchObject({ activate: 'restart', expectedMirrors: [] });
    expect(planContainerd([], [], { ...back, config: debian }).expectedMirrors).toEqual([]);
    const stays = { ...switched(ready), folders: back.folders };
    expect(planContainerd([], [], stays)).toMatchObject({ activate: 'nothing', expectedMirrors: users });
  });

  test('is after a switch what the user has and what the route serves, in the order of names', () => {
    const on = switched(debian);
    const folders = new Map([...on.folders, ...own(['e.example', 'zot.example'])]);
    const plan = planContainerd(['osaka', 'tokyo'], [osaka, { ...tokyo, upstreams: ['ghcr.io'] }], { ...on, folders });
    expect(plan.expectedMirrors).toEqual([
      'docker.io → https://osaka.example:8443',
      'e.example → https://own.example',
      'e.example → https://own.example:81',
      'ghcr.io → https://osaka.example:8443',
      'ghcr.io → https://tokyo.example',
      'zot.example → https://own.example',
      'zot.example → https://own.example:81',
    ]);
    expect(plan.ourMirrors).toEqual([
      'docker.io → https://osaka.example:8443',
      'ghcr.io → https://osaka.example:8443',
      'ghcr.io → https://tokyo.example',
    ]);
  });
});

describe('the plan of containerd', () => {
  test('writes a hosts.toml that says whose it is, how to be rid of it, and what it is met with', () => {
    const plan = planContainerd(['osaka', 'tokyo'], [osaka, tokyo], facts());
    const text = textOf(plan.edits.find(({ path }) => path === `${certs}/docker.io/hosts.toml`)?.bytes);
    expect(text.split('\n').slice(0, 4)).toEqual([
      '# Written by Mirrorfleet: pulls of docker.io try osaka, then tokyo first, then the registry itself.',
      '# "mirrorfleet switch containerd direct" takes this file away.',
      '',
      'server = "https://registry-1.docker.io"',
    ]);
    const folder = `${certs}/osaka.example:8443`;
    expect(text).toContain(`[host."https://osaka.example:8443"]`);
    expect(text).toContain(`ca = "${folder}/ca.crt"\n  client = [["${folder}/client.cert", "${folder}/client.key"]]`);
    expect(plan).toMatchObject({ runtime: 'containerd', writer: 'root', interim: undefined, interimFirst: false });
  });

  test('asks to see its own files of now and of the last switch, each once, config.toml apart', () => {
    const { record } = switched(debian);
    const files = [
      'tokyo.example/ca.crt',
      'tokyo.example/client.cert',
      'tokyo.example/client.key',
      'docker.io/hosts.toml',
      'ghcr.io/hosts.toml',
    ];
    const expected = files.map((each) => `${certs}/${each}`);
    expect(containerdPaths([], record)).toEqual(expected);
    expect(containerdPaths([tokyo], record)).toEqual(expected);
    expect(containerdPaths([tokyo], undefined)).toEqual(expected);
  });

  test('takes the hosts.toml of an upstream away before the certificates of a node that leaves with it', () => {
    const fewer = { ...osaka, upstreams: ['docker.io'] };
    const plan = planContainerd(['osaka'], [fewer], seenByRoot());
    const gone = plan.edits.filter(({ bytes }) => bytes === undefined).map(({ path }) => path.slice(certs.length + 1));
    expect(gone).toEqual([
      'ghcr.io/hosts.toml',
      'tokyo.example/ca.crt',
      'tokyo.example/client.cert',
      'tokyo.example/client.key',
    ]);
  });

  test('refuses to go on over a hosts.toml of ours that someone edited, to a node and to direct', () => {
    const on = switched(debian);
    const edited = { ...on, seen: new Map([...on.seen, [`${certs}/ghcr.io/hosts.toml`, bytesOf('edited')]]) };
    for (const endpoints of [[tokyo], []]) {
      const route = endpoints.map(({ node }) => node);
      const problem = refusal(() => planContainerd(route, endpoints, edited));
      expect([problem.code, problem.message.split(' ')[0]]).toEqual(['own-file-edited', `${certs}/ghcr.io/hosts.toml`]);
    }
  });

  test('keeps a certificate that someone changed, with a warning, and goes on', () => {
    const on = seenByRoot();
    const plan = planContainerd([], [], {
      ...on,
      seen: new Map([...on.seen, [`${certs}/tokyo.example/ca.crt`, bytesOf('x')]]),
    });
    expect(plan.warnings.map(({ message }) => message.split(' ')[0])).toEqual([`${certs}/tokyo.example/ca.crt`]);
    expect(plan.edits.map(({ path }) => path)).not.toContain(`${certs}/tokyo.example/ca.crt`);
  });

  test.each([
    ['a certificate', ['ca.crt'], 'ca.crt'],
    ['a file beside ours', ['hosts.toml', 'mine.crt'], 'mine.crt'],
  ])('refuses a folder in which the user has %s, and names it', (_, files, named) => {
    const on = switched(debian);
    const folders = new Map([...on.folders, ['ghcr.io', { files, hosts: undefined }]]);
    const problem = refusal(() => planContainerd(['tokyo'], [tokyo], { ...on, folders }));
    expect(problem.code).toBe('containerd-folder-not-ours');
    expect(problem.message).toBe(
      `${certs}/ghcr.io is there and not from Mirrorfleet (it holds ${named}). Nothing was changed.`,
    );
    expect(problem.hint).toContain('Move it away');
  });

  test('says to a node that _default is passed over, and to direct no such thing', () => {
    const folders = new Map([['_default', { files: ['hosts.toml'], hosts: undefined }]]);
    expect(planContainerd(['tokyo'], [tokyo], facts({ folders })).warnings).toEqual([
      {
        code: 'containerd-default-shadowed',
        message: `${certs}/_default no longer counts for registries that the node serves; it does for all others.`,
        hint: 'After "direct" it counts for all again.',
        retryable: false,
      },
    ]);
    const on = switched(debian);
    expect(planContainerd([], [], { ...on, folders: new Map([...on.folders, ...folders]) }).warnings).toEqual([]);
  });

  test('says what stops with Docker, and when', () => {
    const [warning] = planContainerd(['tokyo'], [tokyo], facts({ dockerFollows: true })).warnings;
    expect(warning).toMatchObject({
      message: expect.stringContaining('its containers stop unless live-restore is on'),
      retryable: false,
    });
    expect(warning?.hint).toContain('Choose a moment');
  });

  test.each([
    ['a node', 'Set', 'in', () => planContainerd(['tokyo'], [tokyo], facts({ restartable: false }))],
    ['direct', 'Take', 'out of', () => planContainerd([], [], switched(debian, { restartable: false }))],
  ])('to %s says what to do by hand where no way to a restart is known', (_, verb, where, plan) => {
    const problem = refusal(plan);
    expect(problem.code).toBe('containerd-restart-unknown');
    expect(problem.message).toContain('how that is done here is not known. Nothing was changed.');
    expect(problem.hint).toBe(
      `${verb} config_path = "${certs}" ${where} ${config} and restart containerd by hand, then switch again.`,
    );
  });
});

describe('the way of config.toml back to direct', () => {
  const back = (more: Parameters<typeof switched>[1], original = debian) => {
    const plan = planContainerd([], [], switched(original, more));
    const edit = plan.edits.find(({ path }) => path === config);
    return {
      edit: edit && textOf(edit.bytes),
      warnings: plan.warnings.map(({ code }) => code),
      activate: plan.activate,
    };
  };

  test.each([
    ['is as we wrote it', {}, 'version = 2\n', [], 'restart'],
    ['is the original already', { config: debian }, undefined, [], 'nothing'],
    ['was deleted', { config: undefined }, undefined, ['foreign-edit-kept'], 'nothing'],
    [
      'was edited elsewhere',
      { config: bytesOf(`oom_score = 1\n${textOf(ready)}`) },
      'oom_score = 1\nversion = 2\n',
      ['foreign-edit-kept'],
      'restart',
    ],
    [
      'was edited where ours is',
      { config: bytesOf(`${textOf(ready)}oom_score = 1\n`) },
      undefined,
      ['containerd-config-path-left'],
      'nothing',
    ],
    [
      'was rid of ours by hand and edited',
      { config: bytesOf('version = 2\noom_score = 1\n') },
      undefined,
      ['foreign-edit-kept'],
      'nothing',
    ],
    ['is as we wrote it and nothing runs', { running: false }, 'version = 2\n', [], 'nothing'],
  ])('where it %s', (_, more, edit, warnings, activate) => {
    expect(back(more)).toEqual({ edit, warnings, activate });
  });

  test('knows what an interrupted switch left, and that there was no file', () => {
    const on = switched(debian);
    const { record } = on;
    if (record === undefined) throw new Error('the fixture has a record');
    const earlier = bytesOf('version = 2\n# of a switch before\n');
    const interim = { ...on, config: earlier, record: { ...record, interim: [hashOf(earlier)] } };
    expect(planContainerd([], [], interim).warnings).toEqual([]);
    expect(planContainerd([], [], interim).edits[0]?.bytes).toEqual(debian);
    const none = { ...on, record: { ...record, original: { path: config, bytes: null } } };
    expect(planContainerd([], [], none).edits[0]).toMatchObject({ path: config, bytes: undefined });
    expect(planContainerd([], [], { ...none, config: undefined }).warnings).toEqual([]);
  });

  test('says which line stays in a file whose edit cannot be told from ours, and that it does no harm', () => {
    const edited = bytesOf(`${textOf(ready)}oom_score = 1\n`);
    const [warning] = planContainerd([], [], switched(debian, { config: edited })).warnings;
    expect(warning?.message).toBe(
      `${config} was edited by someone else since the switch, and config_path cannot be told apart from that edit: it stays.`,
    );
    expect(warning?.hint).toContain(`take config_path = "${certs}" out and restart containerd by hand`);
    expect(warning?.retryable).toBe(false);
  });

  test('is none where config.toml had the folder already, and a restart is not made up for', () => {
    const on = switched(ready);
    expect(planContainerd(['tokyo'], [tokyo], facts({ config: ready })).original).toBeUndefined();
    if (on.record === undefined) throw new Error('the fixture has a record');
    const killed = { ...on, record: { ...on.record, state: 'switching' as const }, unread: true };
    expect(planContainerd([], [], killed)).toMatchObject({ activate: 'nothing', original: undefined });
    expect(planContainerd([], [], { ...killed, config: bytesOf(`${textOf(ready)}\n`) }).warnings).toEqual([]);
  });

  test('remembers the original of the first switch through all that follow', () => {
    const plan = planContainerd(['osaka'], [osaka], switched(debian));
    expect(plan.original).toEqual({ path: config, bytes: debian });
    const none = planContainerd(['tokyo'], [tokyo], facts({ config: undefined }));
    expect(none.original).toEqual({ path: config, bytes: undefined });
    // Nothing of ours is there, so there is nothing to remember.
    expect(planContainerd([], [], facts()).original).toBeUndefined();
  });
});

function refusal(body: () => unknown): Problem {
  try {
    body();
  } catch (error) {
    return problemOf(error);
  }
  throw new Error('it was not refused');
}
