import { describe, expect, it } from 'vitest';
import { judgePreflight } from '../../../main/provision/judge-preflight.ts';
import { type PreflightFacts, parsePreflight } from '../../../main/provision/preflight-facts.ts';
import { type Problem, problemOf } from '../../../preload/contract/problem.ts';
import { spec } from './node-fixture.ts';

const second = 1_795_571_000;
const read = (...lines: readonly string[]) =>
  parsePreflight(['preflight\t1', ...lines, 'end'].join('\n'), 'tokyo', second * 1000, second * 1000);

const nothingKnown: PreflightFacts = {
  root: false,
  kernel: '',
  arch: '',
  os: '',
  cpus: 0,
  memory: 0,
  place: '',
  ownPorts: '',
  upstreams: [],
};

describe('what a machine says of itself', () => {
  it('is nothing where it says nothing, and nothing is made up', () => {
    expect(read()).toEqual(nothingKnown);
  });

  it('begins and ends where it says so: what a shell prints before and after it is not taken', () => {
    const answer = ['uid\t0', 'upstream\tghcr.io:443 curl 0 401', 'preflight\t1', 'cpus\t2', 'end', 'memory\t9'];
    expect(parsePreflight(answer.join('\n'), 'tokyo', second * 1000, second * 1000)).toEqual({
      ...nothingKnown,
      cpus: 2,
    });
  });

  it('may have figures with many decimals', () => {
    expect(read('disk\t20.125 10.0625').disk).toEqual({ total: 20.125, free: 10.0625 });
  });

  it('is taken word for word', () => {
    expect(
      read(
        'uid\t0',
        'kernel\tLinux',
        'arch\tx86_64',
        'os\tDebian\t13',
        'cpus\t2',
        'memory\t4294967296',
        'place\t/opt',
        'disk\t20 10',
        'inodes\t9 8',
        'docker\t26.1.5',
        'podman\t4.3.1',
        'selinux\tPermissive',
        'ours\t0.0.0.0:443->8443/tcp',
        'ports\tchecked',
        'listener\ta',
        'listener\tb',
        'no tab at all',
        `clock\t${second + 5}`,
      ),
    ).toEqual({
      root: true,
      kernel: 'Linux',
      arch: 'x86_64',
      os: 'Debian 13',
      cpus: 2,
      memory: 4_294_967_296,
      place: '/opt',
      disk: { total: 20, free: 10 },
      inodes: { total: 9, free: 8 },
      docker: '26.1.5',
      podman: '4.3.1',
      selinux: 'Permissive',
      ownPorts: '0.0.0.0:443->8443/tcp',
      listeners: ['a', 'b'],
      skewSeconds: 5,
      upstreams: [],
    });
  });

  it.each([
    ['0', true],
    ['1000', false],
    ['', false],
  ])('is root by its number alone: %j', (uid, root) => {
    expect(read(`uid\t${uid}`).root).toBe(root);
  });

  it('tells an engine that does not answer from none, and empty words from words', () => {
    expect(read('docker\t').docker).toBe('stopped');
    expect(read('podman\t', 'selinux\t')).not.toHaveProperty('podman');
    expect(read('podman\t', 'selinux\t')).not.toHaveProperty('selinux');
    expect(read('listener\tx')).not.toHaveProperty('listeners');
    expect(read('ports\tchecked').listeners).toEqual([]);
  });

  it.each([
    ['20 10', { total: 20, free: 10 }],
    ['20 0', { total: 20, free: 0 }],
    // awk writes large figures so.
    ['5.36871e+10 3.2e+10', { total: 53_687_100_000, free: 32_000_000_000 }],
    ['1e+3 10.5', { total: 1000, free: 10.5 }],
    ['0 0', undefined],
    ['20', undefined],
    ['20 10 5', undefined],
    ['x20 10', undefined],
    ['20 -10', undefined],
    ['20. 10', undefined],
    ['20e3 10', undefined],
    [`${'1'.repeat(20)} 10`, undefined],
    ['', undefined],
  ])('has the sizes %j', (words, expected) => {
    expect(read(`disk\t${words}`).disk).toEqual(expected);
    expect(read(`inodes\t${words}`).inodes).toEqual(expected);
  });

  it.each([
    ['2', 2],
    ['1.07e+09', 1_070_000_000],
    ['2.5', 2.5],
    ['two', 0],
    ['2 ', 0],
    ['-2', 0],
    ['1'.repeat(20), 0],
  ])('counts %j', (words, expected) => {
    expect(read(`cpus\t${words}`).cpus).toBe(expected);
  });

  it.each([
    ['plugin 2.26.1-4', { kind: 'plugin', version: '2.26.1-4' }],
    ['plugin v2.26.1+ds~1', { kind: 'plugin', version: '2.26.1+ds~1' }],
    ['standalone 1.29.2', { kind: 'standalone', version: '1.29.2' }],
    ['standalone ', { kind: 'standalone', version: '' }],
    [`plugin 2${'1'.repeat(50)}`, { kind: 'plugin', version: `2${'1'.repeat(40)}` }],
    ['a plugin 2', undefined],
    ['plugin', undefined],
    ['', undefined],
  ])('has the Compose %j', (words, expected) => {
    expect(read(`compose\t${words}`).compose).toEqual(expected);
  });

  it.each([
    ['ghcr.io:443 curl 0 401', { address: 'ghcr.io:443', tool: 'curl', exit: 0, words: '401' }],
    ['a:1 openssl 1 verify error', { address: 'a:1', tool: 'openssl', exit: 1, words: 'verify error' }],
    ['a:1 tcp 1', { address: 'a:1', tool: 'tcp', exit: 1, words: '' }],
    ['a:65535 none 127 -', { address: 'a:65535', tool: 'none', exit: 127, words: '-' }],
    ['a:1 wget 0 200', undefined],
    ['a:1 curl x 200', undefined],
    ['a curl 0 200', undefined],
    ['A:1 curl 0 200', undefined],
    ['a:123456 curl 0 200', undefined],
    ['a:1 curl 1234 200', undefined],
    [' a:1 curl 0 200', undefined],
    [`${'a'.repeat(254)}:1 curl 0 200`, undefined],
  ])('asked its upstream %j', (words, expected) => {
    expect(read(`upstream\t${words}`).upstreams).toEqual(expected === undefined ? [] : [expected]);
  });

  it('is cut where it has no end, and shown without control characters', () => {
    expect(read(`os\t${'x'.repeat(400)}`).os).toBe('x'.repeat(300));
    expect(read('os\ta\u001b[2J\u009bb\u007fc\u0000').os).toBe('a [2J b c ');
  });
});

describe('an answer that is none', () => {
  const refusal = (output: string): Problem | undefined => {
    try {
      parsePreflight(output, 'tokyo', 0, 0);
      return undefined;
    } catch (error) {
      return problemOf(error);
    }
  };
  const lines = (count: number): string => ['preflight\t1', ...Array<string>(count).fill('x\ty'), 'end'].join('\n');

  it.each([
    ['without a beginning', 'uid\t0\nend'],
    ['without an end', 'preflight\t1\nuid\t0'],
    ['whose end comes before its beginning', 'end\npreflight\t1'],
    ['of too many lines', lines(300)],
    ['of too many bytes', `preflight\t1\nos\t${'x'.repeat(64 * 1024)}\nend`],
  ])('%s is a Problem with a way out', (_, output) => {
    expect(refusal(output)).toMatchObject({
      code: 'server-answer-unreadable',
      message: 'tokyo answered something that was not understood; nothing was changed.',
      hint: expect.stringContaining('POSIX sh'),
    });
  });

  it('is not one that is just as long as it may be, nor one with a greeting before and words after', () => {
    expect(refusal(lines(299))).toBeUndefined();
    expect(refusal('Welcome!\npreflight\t1\nend\nBye')).toBeUndefined();
  });
});

describe('the clock of a machine', () => {
  const skew = (clock: number, askedAt: number, answeredAt: number) =>
    parsePreflight(`preflight\t1\nclock\t${clock}\nend`, 'tokyo', askedAt, answeredAt).skewSeconds;

  it.each([
    ['in the very second of asking', second, 0],
    ['in the second in which the answer ended', second + 2, 0],
    ['between', second + 1, 0],
    ['a second early', second - 1, -1],
    ['a second late', second + 3, 1],
    ['in 1970', 1, 1 - second],
  ])('is off by what lies outside of asking and answering: %s', (_, clock, expected) => {
    expect(skew(clock, second * 1000 + 900, second * 1000 + 1001)).toBe(expected);
  });

  it('is not known where none was told', () => {
    expect(skew(0, 0, 0)).toBeUndefined();
  });
});

it('has rights or not, and then says why not and what to do', () => {
  const facts = (more: Partial<PreflightFacts>) =>
    judgePreflight({ ...nothingKnown, ...more }, spec).find(({ id }) => id === 'rights');
  const elevation = { code: 'sudo-asks', message: 'sudo asks for a password.', hint: 'Give it.' };
  expect(facts({ elevation })).toEqual({
    id: 'rights',
    label: 'Rights',
    state: 'failed',
    found: 'no',
    saying: { code: 'no-rights' },
    problem: { ...elevation, retryable: false },
  });
  expect(facts({ root: true })).toMatchObject({ state: 'ok', found: 'root' });
});
