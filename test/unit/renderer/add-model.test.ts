import { describe, expect, it, test } from 'vitest';
import type { Plan, Preflight, PreflightCheck } from '../../../preload/contract/node.ts';
import type { Problem } from '../../../preload/contract/problem.ts';
import type { Task } from '../../../preload/contract/task.ts';
import {
  type Draft,
  draftOf,
  emptyDraft,
  faultsOf,
  hostsFor,
  isAdded,
  keepDraft,
  readDraft,
  requestOf,
  suggestedName,
  withDestination,
} from '../../../renderer/pages/add/draft.ts';
import { planGroups, planRow } from '../../../renderer/pages/add/plan-rows.ts';
import { type Known, blockingChecks, canInstall, nextStep, partStates } from '../../../renderer/pages/add/progress.ts';
import { fingerprintCommand, questionIn, questionOf } from '../../../renderer/pages/add/questions.ts';
import { typedUpstream, upstreamOptions } from '../../../renderer/pages/add/upstream-choice.ts';

const tokyo: Draft = { ...emptyDraft, destination: 'root@203.0.113.7', name: 'tokyo' };
const added: Draft = { ...tokyo, added: requestOf(tokyo) };

/** A page's storage as far as a draft needs it. */
function storage(text: string | null = null) {
  let kept = text;
  return {
    getItem: () => kept,
    setItem: (_key: string, value: string) => {
      kept = value;
    },
    removeItem: () => {
      kept = null;
    },
  };
}

const problem = (code: string, detail?: Record<string, string>): Problem => ({
  code,
  message: 'It is so.',
  hint: 'Do that.',
  retryable: false,
  ...(detail === undefined ? {} : { detail }),
});
const check = (id: string, state: PreflightCheck['state'], code?: string): PreflightCheck => ({
  id,
  label: id,
  state,
  found: 'x',
  ...(code === undefined ? {} : { problem: problem(code) }),
});
const preflight = (...checks: PreflightCheck[]): Preflight => ({ node: 'tokyo', checks });
const good = preflight(check('system', 'ok'), check('disk', 'warning', 'disk-tight'));
const plan: Plan = { node: 'tokyo', hash: 'h', steps: [], warnings: [], roundTrips: 2 };
const apply = (state: Task['state']): Task => ({
  id: 't',
  kind: 'node-apply',
  subject: 'tokyo',
  title: 'Apply tokyo',
  state,
  startedAt: 1,
  steps: [],
});
const known = (more: Partial<Known> = {}): Known => ({
  draft: emptyDraft,
  taken: [],
  asking: 'nothing',
  question: undefined,
  preflight: undefined,
  plan: undefined,
  task: undefined,
  applied: false,
  ...more,
});

describe('a name for the node', () => {
  test.each([
    ['tokyo', [], 'tokyo'],
    ['root@tokyo.example.net', [], 'tokyo'],
    ['root@tokyo.example.net:2222', [], 'tokyo'],
    ['ssh://ops@Home_Lab:22', [], 'home-lab'],
    ['203.0.113.7', [], 'node'],
    ['root@[2001:db8::7]:22', [], 'node'],
    ['tokyo', ['tokyo', 'tokyo-2'], 'tokyo-3'],
    ['9lives.example', [], 'lives'],
    ['', [], ''],
  ])('of %j where %j are taken is %j', (destination, taken, name) => {
    expect(suggestedName(destination, taken)).toBe(name);
    if (name !== '') expect(faultsOf({ ...tokyo, destination: 'x', name }, taken)).toEqual({});
  });

  it('follows the host until the person chose one', () => {
    expect(withDestination(emptyDraft, 'osaka', []).name).toBe('osaka');
    expect(withDestination({ ...emptyDraft, name: 'mine', ownName: true }, 'osaka', []).name).toBe('mine');
  });
});

describe('the draft', () => {
  it('is the same after leaving and coming back', () => {
    const kept = storage();
    keepDraft(kept, added);
    expect(readDraft(kept)).toEqual(added);
    keepDraft(kept, undefined);
    expect(readDraft(kept)).toEqual(emptyDraft);
  });

  it('never holds a secret, whatever was put into the value', () => {
    const leaky = { ...tokyo, password: 'hunter2', added: { ...requestOf(tokyo), sudoPassword: 'hunter2' } };
    const kept = storage();
    keepDraft(kept, leaky);
    expect(kept.getItem()).toContain('tokyo');
    expect(kept.getItem()).not.toContain('hunter2');
  });

  test.each([[null], [''], ['{'], ['{"name":3}'], ['[]']])('kept as %j is an empty one', (kept) => {
    expect(readDraft(storage(kept))).toEqual(emptyDraft);
  });

  it('becomes the request, with what was left empty left out', () => {
    expect(requestOf(tokyo)).toEqual({
      name: 'tokyo',
      kind: 'ssh',
      target: { destination: 'root@203.0.113.7' },
      upstreams: ['docker.io', 'ghcr.io', 'quay.io', 'gcr.io', 'registry.k8s.io'],
      port: 443,
    });
    expect(
      requestOf({ ...tokyo, sshPort: '2222', jump: ' bastion ', address: 'm.example', base: '/srv/m' }),
    ).toMatchObject({
      target: { port: 2222, jump: 'bastion' },
      address: 'm.example',
      base: '/srv/m',
    });
  });

  it('of a node that is there already goes on with it', () => {
    const request = requestOf({ ...tokyo, port: '8443', address: 'm.example', jump: 'bastion' });
    expect(requestOf(draftOf(request, 1))).toEqual(request);
    expect(isAdded(draftOf(request, 1))).toBe(true);
    expect(faultsOf(draftOf(request, 1), ['tokyo'])).toEqual({});
  });

  test.each<[string, Partial<Draft>, object]>([
    ['nothing', {}, {}],
    ['no host', { destination: ' ' }, { destination: 'empty' }],
    ['a host with a space', { destination: 'root tokyo' }, { destination: 'spaces' }],
    ['a name that is no name', { name: 'Tokyo!' }, { name: 'name' }],
    ['a name of another node', { name: 'osaka' }, { name: 'name-taken' }],
    ['no upstream', { upstreams: [] }, { upstreams: 'no-upstream' }],
    ['a port beyond the last', { port: '65536', sshPort: '0' }, { port: 'port', sshPort: 'port' }],
    ['no port', { port: '' }, { port: 'port' }],
    ['a folder that is not one', { base: 'srv' }, { base: 'base' }],
  ])('with %s wrong says so', (_what, change, faults) => {
    expect(faultsOf({ ...tokyo, ...change }, ['osaka'])).toEqual(faults);
  });

  it('finds hosts by any of their words, those that begin with it first', () => {
    const hosts = [
      { alias: 'kyoto', hostName: 'lab.example' },
      { alias: 'labyrinth' },
      { alias: 'web', user: 'lab' },
      { alias: 'other' },
    ];
    expect(hostsFor(hosts, 'LAB').map(({ alias }) => alias)).toEqual(['labyrinth', 'kyoto', 'web']);
    expect(hostsFor(hosts, '')).toHaveLength(4);
  });
});

describe('upstreams', () => {
  test.each([
    ['registry.example:5000', 'registry.example:5000'],
    [' https://Registry.Example/v2/ ', 'registry.example'],
    ['k8s.gcr.io', 'registry.k8s.io'],
    ['nginx', undefined],
    ['a b.example', undefined],
    ['', undefined],
  ])('typed as %j are %j', (text, id) => {
    expect(typedUpstream(text)).toBe(id);
  });

  it('are offered once each, own ones after the usual', () => {
    expect(upstreamOptions(['docker.io', 'a.example'], ['a.example', 'b.example']).slice(-2)).toEqual([
      'a.example',
      'b.example',
    ]);
  });
});

describe('questions', () => {
  const key = { host: 'tokyo.example', type: 'ssh-ed25519', fingerprint: 'SHA256:abc' };
  test.each([
    ['host-key-unknown', key, { kind: 'host-key', key, differs: false }],
    ['host-key-differs', key, { kind: 'host-key', key, differs: true }],
    ['host-key-changed', key, undefined],
    ['ssh-password-needed', {}, { kind: 'secret', secret: 'password', wrong: false }],
    [
      'ssh-passphrase-wrong',
      { file: '~/.ssh/id' },
      { kind: 'secret', secret: 'passphrase', wrong: true, file: '~/.ssh/id' },
    ],
    ['host-unreachable', {}, undefined],
  ])('%s asks for what it needs and nothing else', (code, detail, question) => {
    expect(questionOf(problem(code, detail))).toEqual(question);
  });

  it('are found in a preflight: sudo tells only when it is tried', () => {
    expect(questionIn(preflight(check('rights', 'failed', 'sudo-password-needed')))).toMatchObject({
      secret: 'sudoPassword',
    });
    expect(questionIn(good)).toBeUndefined();
  });

  it('of a key say how to see it on the server', () => {
    expect(fingerprintCommand('ssh-rsa')).toContain('ssh_host_rsa_key.pub');
    expect(fingerprintCommand('ssh-ed25519')).toContain('ssh_host_ed25519_key.pub');
    expect(fingerprintCommand('ecdsa-sha2-nistp256')).toContain('ssh_host_ecdsa_key.pub');
  });
});

describe('what is next', () => {
  const question = questionOf(problem('ssh-password-needed'));
  const noEngine = preflight(
    check('engine', 'failed', 'engine-missing'),
    check('compose', 'failed', 'compose-missing'),
  );
  test.each<[string, Partial<Known>, ReturnType<typeof nextStep>]>([
    ['at first', {}, 'fill-in'],
    ['with a host and a name', { draft: tokyo }, 'connect'],
    ['while the core connects', { draft: tokyo, asking: 'add' }, 'wait'],
    ['when the server asks something', { draft: tokyo, question }, 'answer'],
    ['when a check failed', { draft: added, preflight: preflight(check('port', 'failed', 'port-taken')) }, 'solve'],
    ['without an engine', { draft: added, preflight: noEngine }, 'solve'],
    [
      'without an engine that will be installed',
      { draft: { ...added, installEngine: true }, preflight: noEngine },
      'make-plan',
    ],
    ['when all is well', { draft: added, preflight: good }, 'make-plan'],
    ['after a change', { draft: { ...added, port: '8443' }, preflight: good, plan }, 'save'],
    ['with a plan', { draft: added, preflight: good, plan }, 'apply'],
    ['while it is applied', { draft: added, preflight: good, task: apply('running') }, 'wait'],
    ['after it failed', { draft: added, preflight: good, task: apply('failed') }, 'go-on'],
    ['after it was cut off', { draft: added, preflight: good, task: apply('interrupted') }, 'go-on'],
    ['when it serves', { draft: added, preflight: good, task: apply('done'), applied: true }, 'finished'],
  ])('%s', (_when, more, step) => {
    expect(nextStep(known(more))).toBe(step);
  });

  it('opens the page from top to bottom, and never a later part before an earlier one is clear', () => {
    expect(partStates(known({ draft: tokyo }))).toEqual({
      host: 'open',
      question: 'hidden',
      checks: 'hidden',
      serve: 'hidden',
      plan: 'hidden',
      apply: 'hidden',
    });
    expect(partStates(known({ draft: tokyo, question }))).toMatchObject({
      host: 'open',
      question: 'open',
      serve: 'hidden',
    });
    expect(partStates(known({ draft: added, preflight: good }))).toMatchObject({
      host: 'settled',
      checks: 'settled',
      serve: 'open',
    });
    expect(partStates(known({ draft: added, preflight: good, plan }))).toMatchObject({
      serve: 'settled',
      plan: 'open',
      apply: 'hidden',
    });
    expect(partStates(known({ draft: { ...added, port: '1' }, preflight: good, plan }))).toMatchObject({
      serve: 'open',
      plan: 'hidden',
    });
    expect(partStates(known({ draft: added, preflight: good, plan, task: apply('running') }))).toMatchObject({
      plan: 'settled',
      apply: 'working',
    });
    expect(partStates(known({ draft: added, preflight: good, task: apply('failed') }))).toMatchObject({
      apply: 'open',
      serve: 'open',
    });
  });

  it('offers to install an engine only where one is missing', () => {
    expect(canInstall(noEngine)).toBe(true);
    expect(canInstall(good)).toBe(false);
    expect(blockingChecks(preflight(check('engine', 'failed', 'engine-stopped')), true)).toHaveLength(1);
  });
});

describe('a plan', () => {
  const step = (id: string, resource: string) => ({
    id,
    resource,
    action: 'create' as const,
    because: { code: 'no-such-file' },
    interrupts: false,
  });
  it('is read by what its steps are about', () => {
    expect(planRow(step('image:registry', 'image registry:3.1.1'))).toMatchObject({
      kind: 'image',
      what: 'registry:3.1.1',
    });
    expect(planRow(step('file:envoy/xds/rds.yaml', 'file envoy/xds/rds.yaml'))).toMatchObject({
      kind: 'file',
      what: 'envoy/xds/rds.yaml',
    });
    expect(planRow(step('state', 'file state.json'))).toMatchObject({ kind: 'state', what: '' });
    expect(planRow(step('new-kind:x', 'thing x'))).toMatchObject({ kind: undefined, what: 'x' });
  });

  it('keeps its order, equal kinds together', () => {
    const groups = planGroups([
      step('directory:data', ''),
      step('file:a', ''),
      step('file:b', ''),
      step('service:edge', ''),
      step('verify', ''),
    ]);
    expect(groups.map(({ kind, rows }) => [kind, rows.length])).toEqual([
      ['directory', 1],
      ['file', 2],
      ['service', 1],
      ['verify', 1],
    ]);
  });
});
