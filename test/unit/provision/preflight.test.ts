import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../../preload/contract/problem.ts';
import { judgePreflight } from '../../../main/provision/judge-preflight.ts';
import { parsePreflight } from '../../../main/provision/preflight-facts.ts';
import sayings from '../../../resources/translations/en/sayings.json' with { type: 'json' };
import { spec } from './node-fixture.ts';

const now = 1_795_571_000_000;
const answer = (more: Record<string, string> = {}, without: readonly string[] = []): string => {
  const words: Record<string, string> = {
    clock: String(now / 1000),
    uid: '0',
    kernel: 'Linux',
    arch: 'x86_64',
    os: 'Debian GNU/Linux 13 (trixie)',
    cpus: '2',
    memory: '4294967296',
    place: '/opt',
    disk: '53687091200 32212254720',
    inodes: '1000000 900000',
    docker: '26.1.5+dfsg1',
    compose: 'plugin 2.26.1-4',
    ports: 'checked',
    upstream: 'registry-1.docker.io:443 curl 0 401',
    ...more,
  };
  const lines = Object.entries(words).filter(([key]) => !without.includes(key));
  return ['preflight\t1', ...lines.map(([key, value]) => `${key}\t${value}`), 'end', ''].join('\n');
};
const judge = (more: Record<string, string> = {}, without: readonly string[] = []) =>
  judgePreflight(parsePreflight(answer(more, without), 'tokyo', now, now + 400), spec);

describe('the preflight', () => {
  it('is fine with a small server that has everything', () => {
    expect(judge().map(({ id, state, found }) => `${id} ${state}: ${found}`)).toEqual([
      'system ok: Debian GNU/Linux 13 (trixie), x86_64',
      'rights ok: root',
      'memory ok: 4.3 GB, 2 CPUs',
      'disk ok: 32.2 GB free of 53.7 GB (/opt)',
      'inodes ok: 900000 free of 1000000',
      'engine ok: Docker 26.1.5+dfsg1',
      'compose ok: docker compose 2.26.1-4',
      'port ok: free',
      'clock ok: agrees',
      'selinux ok: none',
      'upstream:docker.io ok: reachable',
    ]);
  });

  it.each<[string, Record<string, string>, readonly string[], string, string, string, RegExp]>([
    [
      'no engine',
      {},
      ['docker'],
      'engine',
      'failed',
      'engine-missing',
      /mirrorfleet node apply tokyo --install-engine/,
    ],
    ['an engine that does not answer', { docker: 'stopped' }, [], 'engine', 'failed', 'engine-stopped', /start docker/],
    ['an engine of 2019', { docker: '19.03.1' }, [], 'engine', 'warning', 'engine-old', /Upgrade Docker/],
    ['no Compose', {}, ['compose'], 'compose', 'failed', 'compose-missing', /--install-engine/],
    ['too little memory', { memory: '268435456' }, [], 'memory', 'failed', 'memory-short', /fewer upstreams/],
    ['little memory', { memory: '536870912' }, [], 'memory', 'warning', 'memory-tight', /swap/],
    ['a full disk', { disk: '1073741824 104857600' }, [], 'disk', 'failed', 'disk-short', /Free some space/],
    ['a small disk', { disk: '4294967296 2147483648' }, [], 'disk', 'warning', 'disk-tight', /Prune it regularly/],
    ['few inodes', { inodes: '40960 40000' }, [], 'inodes', 'warning', 'inodes-short', /another file system/],
    [
      'the port in use',
      { listener: 'LISTEN 0 511 *:443 *:* users:(("nginx",pid=7,fd=6))' },
      [],
      'port',
      'failed',
      'port-taken',
      /--port 8443/,
    ],
    [
      'a clock of yesterday',
      { clock: String(now / 1000 - 100_000) },
      [],
      'clock',
      'failed',
      'clock-skewed',
      /timedatectl/,
    ],
    [
      'a clock two minutes ahead',
      { clock: String(now / 1000 + 120) },
      [],
      'clock',
      'warning',
      'clock-skewed',
      /timedatectl/,
    ],
    ['another system', { kernel: 'FreeBSD' }, [], 'system', 'failed', 'system-unsupported', /Linux machine/],
    ['another architecture', { arch: 'riscv64' }, [], 'system', 'warning', 'architecture-unusual', /image references/],
    ['SELinux', { selinux: 'Enforcing' }, [], 'selinux', 'warning', 'selinux-enforcing', /chcon/],
    [
      'an upstream it cannot reach',
      { upstream: 'registry-1.docker.io:443 curl 28 000' },
      [],
      'upstream:docker.io',
      'warning',
      'upstream-unreachable',
      /outgoing HTTPS to registry-1.docker.io:443/,
    ],
    [
      'an upstream under a false certificate',
      { upstream: 'registry-1.docker.io:443 curl 60 curl: (60) SSL certificate problem 000' },
      [],
      'upstream:docker.io',
      'warning',
      'upstream-untrusted',
      /ca-certificates/,
    ],
    [
      'an upstream that counts too many requests',
      { upstream: 'registry-1.docker.io:443 curl 0 429' },
      [],
      'upstream:docker.io',
      'warning',
      'upstream-limits',
      /window to pass/,
    ],
  ])('names a way out for %s', (_title, more, without, id, state, code, hint) => {
    const found = judge(more, without).find((check) => check.id === id);
    expect([found?.state, found?.problem?.code]).toEqual([state, code]);
    expect(found?.problem?.hint).toMatch(hint);
  });

  it('takes the port that its own node listens on for free', () => {
    const checks = judge({
      listener: 'LISTEN 0 4096 0.0.0.0:443 users:(("docker-proxy",pid=1,fd=4))',
      ours: '0.0.0.0:443->8443/tcp',
    });
    expect(checks.find((check) => check.id === 'port')).toMatchObject({ state: 'ok', found: 'used by this node' });
  });

  it('says what could not be checked instead of guessing', () => {
    const checks = judge({ upstream: 'registry-1.docker.io:443 none 0 -' }, ['ports', 'disk', 'inodes', 'clock']);
    const found = Object.fromEntries(checks.map(({ id, state, found: words }) => [id, `${state}: ${words}`]));
    expect(found['port']).toBe('ok: not checked');
    expect(found['disk']).toBe('ok: not known');
    expect(found['upstream:docker.io']).toBe('ok: not checked (no curl, openssl or bash there)');
  });

  it('lets no server put control characters on a terminal, nor anything but a Problem into the program', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.constantFrom('os', 'arch', 'disk', 'docker', 'listener', 'upstream', 'compose', 'clock', 'memory'),
            fc.string({ unit: 'binary' }),
          ),
        ),
        (pairs) => {
          const output = ['preflight\t1', ...pairs.map(([key, value]) => `${key}\t${value}`), 'end'].join('\n');
          try {
            const text = judgePreflight(parsePreflight(output, 'tokyo', now, now), spec)
              .map(
                (check) =>
                  `${check.found}${check.problem?.message ?? ''}${Object.values(check.problem?.detail ?? {}).join('')}`,
              )
              .join('');
            // oxlint-disable-next-line no-control-regex -- that there is none is what is tested
            expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
          } catch (error) {
            expect(error).toBeInstanceOf(ProblemError);
          }
        },
      ),
    );
  });
});

it('says what it found of a machine in words that every language has', () => {
  const source = readFileSync(join(import.meta.dirname, '../../../main/provision/judge-preflight.ts'), 'utf8');
  const codes = [...source.matchAll(/\bsaid\(\s*[^,]+,\s*(?:ahead \? '([a-z-]+)' : )?'([a-z-]+)'/g)].flatMap((each) =>
    [each[1], each[2]].filter((code) => code !== undefined),
  );
  expect(codes.length).toBeGreaterThan(20);
  expect(codes.filter((code) => !(code in sayings))).toEqual([]);
});
