import { describe, expect, it } from 'vitest';
import { judgePreflight, upstreamAddress } from '../../../main/provision/judge-preflight.ts';
import type { PreflightFacts } from '../../../main/provision/preflight-facts.ts';
import type { PreflightCheck } from '../../../preload/contract/node.ts';
import { spec } from './node-fixture.ts';

const mib = 1024 ** 2;
const fine: PreflightFacts = {
  kernel: 'Linux',
  os: 'Debian',
  arch: 'x86_64',
  cpus: 2,
  memory: 4096 * mib,
  place: '/opt',
  disk: { total: 50e9, free: 30e9 },
  inodes: { total: 1e6, free: 9e5 },
  root: true,
  docker: '26.1.5',
  compose: { kind: 'plugin', version: '2.26.1' },
  listeners: [],
  ownPorts: '',
  skewSeconds: 0,
  upstreams: [{ address: 'registry-1.docker.io:443', tool: 'curl', exit: 0, words: '401' }],
} as unknown as PreflightFacts;

function found(id: string, facts: Partial<PreflightFacts>): PreflightCheck {
  const check = judgePreflight({ ...fine, ...facts }, { ...spec, upstreams: ['docker.io'] }).find(
    (each) => each.id === id,
  );
  if (check === undefined) throw new Error(`no check is called ${id}`);
  return check;
}

/** How the one upstream answered the machine. */
const tried = (tool: string, exit: number, words: string): Partial<PreflightFacts> =>
  ({ upstreams: [{ address: 'registry-1.docker.io:443', tool, exit, words }] }) as unknown as PreflightFacts;

it('every check has its label, in the order in which a person reads them', () => {
  const labels = judgePreflight(fine, { ...spec, port: 8443, upstreams: ['docker.io'] }).map(({ label }) => label);
  const own = ['System', 'Rights', 'Memory', 'Disk', 'Inodes', 'Engine', 'Compose', 'Port 8443', 'Clock', 'SELinux'];
  expect(labels).toEqual([...own, 'docker.io']);
});

it.each<[string, Partial<PreflightFacts>, string, string]>([
  ['inodes', { inodes: undefined } as never, 'not limited', 'not-limited'],
  ['rights', { root: false }, 'as the login user', 'rights-of-login'],
  ['engine', { docker: undefined } as never, 'none', 'none-found'],
  ['engine', { docker: undefined, podman: '4.3' } as never, 'none (4.3 is not used)', 'none-but-podman'],
  ['compose', { compose: undefined } as never, 'none', 'none-found'],
  ['port', { listeners: ['users:(("nginx"'] }, 'taken by nginx', 'taken-by'],
  ['selinux', { selinux: 'Enforcing' }, 'Enforcing', ''],
])('what is found of %s (%j) is said in words and as data: %s', (id, facts, words, code) => {
  const check = found(id, facts);
  expect([check.found, check.saying?.code ?? '']).toEqual([words, code]);
});

describe('a machine is judged at the very limit', () => {
  it.each<[string, string, Partial<PreflightFacts>, PreflightCheck['state'], string]>([
    ['memory', '480 MiB', { memory: 480 * mib }, 'warning', '503 MB, 2 CPUs'],
    ['memory', 'a byte less', { memory: 480 * mib - 1 }, 'failed', '503 MB, 2 CPUs'],
    ['memory', '900 MiB', { memory: 900 * mib }, 'ok', '944 MB, 2 CPUs'],
    ['memory', 'a byte less', { memory: 900 * mib - 1 }, 'warning', '944 MB, 2 CPUs'],
    ['memory', 'one processor', { memory: 1e9, cpus: 1 }, 'ok', '1.0 GB, 1 CPU'],
    ['memory', 'a size nobody tells', { memory: 0 }, 'ok', 'not known'],
    ['disk', '400 MiB free', { disk: { total: 1e9, free: 400 * mib } }, 'warning', '419 MB free of 1.0 GB (/opt)'],
    ['disk', 'a byte less', { disk: { total: 1e9, free: 400 * mib - 1 } }, 'failed', '419 MB free of 1.0 GB (/opt)'],
    ['disk', '5 GiB free', { disk: { total: 1e10, free: 5120 * mib } }, 'ok', '5.4 GB free of 10.0 GB (/opt)'],
    [
      'disk',
      'a byte less',
      { disk: { total: 1e10, free: 5120 * mib - 1 } },
      'warning',
      '5.4 GB free of 10.0 GB (/opt)',
    ],
    ['inodes', '50,000 free', { inodes: { total: 60_000, free: 50_000 } }, 'ok', '50000 free of 60000'],
    ['inodes', 'one less', { inodes: { total: 60_000, free: 49_999 } }, 'warning', '49999 free of 60000'],
    ['engine', 'version 20', { docker: '20.10.0' }, 'ok', 'Docker 20.10.0'],
    ['engine', 'version 19', { docker: '19.99.9' }, 'warning', 'Docker 19.99.9'],
    ['engine', 'no version', { docker: 'stopped 26' }, 'failed', 'does not answer'],
    ['clock', 'a minute ahead', { skewSeconds: 60 }, 'ok', '60 s ahead'],
    ['clock', 'a second more', { skewSeconds: 61 }, 'warning', '61 s ahead'],
    ['clock', 'a minute behind', { skewSeconds: -60 }, 'ok', '60 s behind'],
    ['clock', 'a day behind', { skewSeconds: -86_400 }, 'warning', '86400 s behind'],
    ['clock', 'a second more', { skewSeconds: -86_401 }, 'failed', '86401 s behind'],
    ['system', 'amd64', { arch: 'amd64' }, 'ok', 'Debian, amd64'],
    ['system', 'arm64', { arch: 'arm64' }, 'ok', 'Debian, arm64'],
    ['system', 'aarch64', { arch: 'aarch64' }, 'ok', 'Debian, aarch64'],
    ['system', 'no name', { os: '' }, 'ok', 'Linux, x86_64'],
    ['system', 'nothing at all', { os: '', kernel: '', arch: '' }, 'failed', ''],
    [
      'compose',
      'the program of its own',
      { compose: { kind: 'standalone', version: '2.1' } } as never,
      'ok',
      'docker-compose 2.1',
    ],
    ['selinux', 'that warns only', { selinux: 'Permissive' }, 'ok', 'Permissive'],
    [
      'port',
      'the port of another with ours in its number',
      { listeners: ['x'], ownPorts: '0.0.0.0:4430->443' },
      'failed',
      'taken',
    ],
  ])('%s: %s', (id, _, facts, state, words) => {
    const check = found(id, facts);
    expect([check.state, check.found]).toEqual([state, words]);
    expect(check.problem === undefined).toBe(state === 'ok');
  });

  it.each<[string, Partial<PreflightFacts>, PreflightCheck['saying']]>([
    ['memory', {}, { code: 'memory-and-cpus', values: { memoryBytes: 4096 * mib, cpus: 2 } }],
    ['disk', {}, { code: 'disk-free-of', values: { freeBytes: 30e9, totalBytes: 50e9, place: '/opt' } }],
    ['inodes', {}, { code: 'free-of', values: { free: 9e5, total: 1e6 } }],
    ['inodes', { inodes: undefined } as never, { code: 'not-limited' }],
    ['rights', { root: false }, { code: 'rights-of-login' }],
    ['engine', { docker: undefined } as never, { code: 'none-found' }],
    [
      'engine',
      { docker: undefined, podman: '4.3.1' } as never,
      { code: 'none-but-podman', values: { podman: '4.3.1' } },
    ],
    ['engine', { docker: 'stopped' }, { code: 'does-not-answer' }],
    ['compose', { compose: undefined } as never, { code: 'none-found' }],
    ['port', {}, { code: 'port-free' }],
    ['port', { listeners: undefined } as never, { code: 'not-checked' }],
    ['port', { listeners: ['x'], ownPorts: '0.0.0.0:443->8443/tcp' }, { code: 'port-ours' }],
    ['port', { listeners: ['users:(("nginx",pid=7'] }, { code: 'taken-by', values: { who: 'nginx' } }],
    ['port', { listeners: ['users:((nginx'] }, { code: 'taken' }],
    ['clock', {}, { code: 'clock-agrees' }],
    ['clock', { skewSeconds: 3 }, { code: 'clock-ahead', values: { offMs: 3000 } }],
    ['clock', { skewSeconds: -3 }, { code: 'clock-behind', values: { offMs: 3000 } }],
    ['clock', { skewSeconds: undefined } as never, { code: 'not-known' }],
    ['selinux', {}, { code: 'none-found' }],
  ])('what is found of %s is said in every language', (id, facts, saying) => {
    expect(found(id, facts).saying).toEqual(saying);
  });

  it('words that are the same in every language are said once', () => {
    expect(found('engine', {})).not.toHaveProperty('saying');
    expect(found('rights', {})).toEqual({ id: 'rights', label: 'Rights', state: 'ok', found: 'root' });
  });
});

describe('of an upstream it is found', () => {
  const at = (tool: string, exit: number, words: string) => found('upstream:docker.io', tried(tool, exit, words));

  it.each([
    ['curl', 0, 'HTTP 401', 'ok', 'reachable', undefined, { code: 'reachable' }],
    ['curl', 0, '200', 'ok', 'reachable', undefined, { code: 'reachable' }],
    [
      'curl',
      0,
      '1404 then 404',
      'ok',
      'reachable (answers 404)',
      undefined,
      { code: 'reachable-with', values: { status: '404' } },
    ],
    [
      'curl',
      0,
      'no number',
      'ok',
      'reachable (answers 000)',
      undefined,
      { code: 'reachable-with', values: { status: '000' } },
    ],
    [
      'curl',
      0,
      '429',
      'warning',
      'answers 429',
      'upstream-limits',
      { code: 'answers-status', values: { status: '429' } },
    ],
    ['curl', 28, '000', 'warning', 'unreachable', 'upstream-unreachable', { code: 'not-reachable' }],
    [
      'curl',
      60,
      '000',
      'warning',
      'certificate not trusted',
      'upstream-untrusted',
      { code: 'certificate-not-trusted' },
    ],
    [
      'curl',
      35,
      'SSL Certificate problem',
      'warning',
      'certificate not trusted',
      'upstream-untrusted',
      { code: 'certificate-not-trusted' },
    ],
    ['openssl', 0, '', 'ok', 'TLS works', undefined, { code: 'tls-works' }],
    [
      'openssl',
      1,
      'verify error:num=20',
      'warning',
      'certificate not trusted',
      'upstream-untrusted',
      { code: 'certificate-not-trusted' },
    ],
    ['openssl', 1, '', 'warning', 'unreachable', 'upstream-unreachable', { code: 'not-reachable' }],
    ['tcp', 0, '', 'ok', 'TCP open', undefined, { code: 'tcp-open' }],
    ['tcp', 1, '', 'warning', 'unreachable', 'upstream-unreachable', { code: 'not-reachable' }],
    ['none', 0, '', 'ok', 'not checked (no curl, openssl or bash there)', undefined, { code: 'reach-not-checked' }],
  ])('by %s, which ended with %i and "%s"', (tool, exit, words, state, said, code, saying) => {
    const check = at(tool, exit, words);
    expect([check.state, check.found, check.problem?.code]).toEqual([state, said, code]);
    expect(check.saying).toEqual(saying);
    expect(check.problem?.retryable).toBe(code === undefined ? undefined : false);
  });

  it('what the tool said, or else how it ended, is kept for a report', () => {
    expect(at('curl', 28, 'timed out 000').problem?.detail).toEqual({ answer: 'timed out 000' });
    expect(at('tcp', 1, '').problem?.detail).toEqual({ answer: 'exit 1' });
  });

  it('what was found of itself, not of another', () => {
    const upstreams: PreflightFacts['upstreams'] = [
      { address: 'ghcr.io:443', tool: 'curl', exit: 28, words: '000' },
      { address: 'registry-1.docker.io:443', tool: 'curl', exit: 0, words: '401' },
    ];
    expect(found('upstream:docker.io', { upstreams }).state).toBe('ok');
    expect(found('upstream:docker.io', { upstreams: upstreams.slice(0, 1) }).found).toContain('not checked');
  });

  it('nothing where it was not asked about', () => {
    expect(found('upstream:docker.io', { upstreams: [] }).found).toContain('not checked');
  });

  it('where its API lives, by its own port or that of HTTPS', () => {
    expect(upstreamAddress('docker.io')).toEqual({ host: 'registry-1.docker.io', port: '443' });
    expect(upstreamAddress('registry.example:5000')).toEqual({ host: 'registry.example', port: '5000' });
  });
});

describe('a problem of a machine says what is wrong and what to do', () => {
  it.each<[string, Partial<PreflightFacts>, RegExp, RegExp]>([
    ['system', { kernel: 'FreeBSD' }, /needs Linux; this machine runs FreeBSD/, /a Linux machine/],
    ['system', { kernel: '' }, /runs something unknown/, /a Linux machine/],
    ['system', { arch: 'riscv64' }, /not for riscv64/, /image references/],
    ['memory', { memory: 1e8 }, /about 400 MB of memory; this machine has 100 MB/, /--upstream docker\.io/],
    ['memory', { memory: 6e8 }, /With 600 MB of memory/, /swap file/],
    ['disk', { disk: { total: 1e9, free: 1e8 } }, /of \/opt has 100 MB free; the node needs 419 MB/, /larger disk/],
    ['disk', { disk: { total: 1e9, free: 6e8 } }, /will fill 600 MB soon/, /cache prune/],
    ['inodes', { inodes: { total: 9, free: 7 } }, /five inodes; 7 are left/, /another file system/],
    ['engine', { docker: undefined } as never, /tokyo has no Docker\./, /node apply tokyo --install-engine/],
    ['engine', { docker: 'stopped' }, /installed on tokyo but does not answer/, /systemctl start docker/],
    ['engine', { docker: '18.1' }, /Docker 18\.1 is older than 20\.10/, /Upgrade Docker/],
    [
      'compose',
      { compose: undefined } as never,
      /tokyo has Docker but no Compose/,
      /node apply tokyo --install-engine/,
    ],
    ['compose', { compose: undefined, docker: undefined } as never, /tokyo has no Compose either/, /--install-engine/],
    ['port', { listeners: ['users:(("nginx"'] }, /^nginx on tokyo listens on port 443/, /node add tokyo … --port 8443/],
    ['port', { listeners: ['x'] }, /^Another program on tokyo listens on port 443/, /--port 8443/],
    ['clock', { skewSeconds: 99 }, /clock is 99 s ahead of this computer/, /set-ntp true/],
    ['selinux', { selinux: 'Enforcing' }, /SELinux enforces here/, /chcon -Rt container_file_t/],
    ['upstream:docker.io', tried('curl', 0, '429'), /^docker\.io counts too many requests/, /Wait for its window/],
    ['upstream:docker.io', tried('tcp', 1, ''), /^docker\.io cannot be reached/, /HTTPS to registry-1\.docker\.io:443/],
    ['upstream:docker.io', tried('curl', 60, ''), /does not trust the certificate of docker\.io/, /ca-certificates/],
  ])('%s', (id, facts, message, hint) => {
    const { problem } = found(id, facts);
    expect(problem?.message).toMatch(message);
    expect(problem?.hint).toMatch(hint);
    expect(problem?.retryable).toBe(false);
  });
});
