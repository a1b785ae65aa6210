import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { parseBearerChallenge, tokenUrl } from '../../../main/hosts/bearer-challenge.ts';
import { sudoProblem } from '../../../main/hosts/elevate.ts';
import { AfterToken } from '../../../main/hosts/envelope.ts';
import { judgeKnownHosts, namesMatch, parseKnownHosts } from '../../../main/hosts/known-hosts.ts';
import { createRegistryClient } from '../../../main/hosts/registry-client.ts';
import { badStatus } from '../../../main/hosts/registry-problems.ts';
import { fileFrom } from '../../../main/hosts/remote-files.ts';
import { aliasesIn } from '../../../main/hosts/ssh-aliases.ts';
import { parseDestination, parseSshSettings } from '../../../main/hosts/ssh-config.ts';
import { ProblemError, problemOf, problemSchema } from '../../../preload/contract/problem.ts';

const binary = fc.string({ unit: 'binary', maxLength: 300 });
const words = (...each: readonly string[]) =>
  fc.array(fc.oneof(fc.constantFrom(...each), binary), { maxLength: 30 }).map((list) => list.join(''));

/** Runs something that may end with a Problem and with nothing else. */
function orProblem<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return undefined;
  }
}

function within(ms: number, body: () => void): void {
  const begun = performance.now();
  body();
  expect(performance.now() - begun).toBeLessThan(ms);
}

describe('what a machine says', () => {
  test('before a command begins is dropped, and never more than a little of it is kept', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), fc.uint8Array(), fc.nat(40), (before, after, cut) => {
        const passed: Buffer[] = [];
        const reader = new AfterToken('mirrorfleet-token', (chunk) => passed.push(chunk));
        const line = Buffer.from('mirrorfleet-token 42\n');
        for (const chunk of before) reader.take(Buffer.from(chunk));
        // The line of the token may come in two pieces.
        reader.take(line.subarray(0, cut % line.length));
        reader.take(Buffer.concat([line.subarray(cut % line.length), after]));
        expect(reader.reached).toBe(true);
        expect(Buffer.concat(passed)).toEqual(Buffer.from(after));
      }),
      { numRuns: 100 },
    );
    const endless = new AfterToken('mirrorfleet-token', () => {});
    within(5000, () => {
      for (let round = 0; round < 300; round += 1) endless.take(Buffer.alloc(65_536, 'x'));
    });
    expect(endless.before.length).toBeLessThanOrEqual(65_536);
  });

  test('of a file is the file or a Problem', () => {
    const head = words('file ', '644 0 0', '\n', 'absent', 'denied', 'too-large 5', 'changed ', ' ');
    fc.assert(
      fc.property(fc.oneof(head, binary), (text) => {
        const found = orProblem(() => fileFrom(Buffer.from(text), 'tokyo', '/etc/x'));
        if (found !== undefined) expect([found.mode, found.uid, found.gid].every(Number.isInteger)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('of sudo is one of three Problems', () => {
    fc.assert(
      fc.property(
        words('password', 'is required', 'not in the sudoers', 'incorrect', '\n'),
        fc.boolean(),
        (said, known) => {
          expect(problemSchema.parse(sudoProblem(said, known, 'ops@tokyo')).code).toMatch(/^sudo-/);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the files of ssh', () => {
  const line = words(
    '@revoked ',
    '@cert-authority ',
    '|1|',
    'tokyo',
    '*',
    '!',
    ',',
    ' ',
    '\t',
    '\n',
    'ssh-ed25519',
    'AAAA',
  );

  test('are judged without a throw, whatever is in known_hosts', () => {
    fc.assert(
      fc.property(line, fc.uint8Array(), (text, key) => {
        const entries = parseKnownHosts(text);
        expect(judgeKnownHosts(entries, 'tokyo', key).kind).toMatch(/^(trusted|unknown|changed|revoked)$/);
      }),
      { numRuns: 200 },
    );
    within(2000, () => namesMatch(`${'*a'.repeat(5000)}b`, 'a'.repeat(5000)));
    within(2000, () => parseKnownHosts('tokyo ssh-ed25519 AAAA\n'.repeat(100_000)));
  });

  test('are read whatever a configuration holds, also one that includes itself', () => {
    const config = words('Host ', 'Include ', 'tokyo', '"', '=', ' ', '\n', '#', '*');
    fc.assert(
      fc.property(config, (text) => {
        for (const name of aliasesIn(text, () => [])) expect(name).not.toMatch(/[*?!]/);
        expect(parseSshSettings(text)).toBeInstanceOf(Map);
      }),
      { numRuns: 200 },
    );
    const own = 'Host a\nInclude own\n';
    within(2000, () => expect(aliasesIn(own, () => [own])).toEqual(['a']));
    within(2000, () => parseSshSettings('identityfile a\n'.repeat(20_000)));
  });

  test('a destination is taken apart, or refused; nothing in it can be an option or a command', () => {
    fc.assert(
      fc.property(words('ops', '@', ':', '22', '[', ']', '-', 'ssh://', '/', '.', '$(id)', ' ', '%h'), (text) => {
        const taken = orProblem(() => parseDestination(text));
        if (taken !== undefined) expect(taken.host).not.toMatch(/^-|[\s$`;|&<>()'"\\{}]/);
        if (taken?.user !== undefined) expect(taken.user).not.toMatch(/^-|[\s$`;|&<>()'"\\{}]/);
      }),
      { numRuns: 400 },
    );
    within(2000, () => orProblem(() => parseDestination('a@'.repeat(50_000))));
    within(2000, () => orProblem(() => parseDestination('0:'.repeat(50_000))));
  });
});

describe('a registry', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function codeOf(answer: RequestListener): Promise<string> {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = createRegistryClient({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 300 });
    try {
      await client.pull('library/app', 'latest');
      return 'nothing';
    } catch (error) {
      return problemOf(error).code;
    } finally {
      client.close();
    }
  }
  const to =
    (location: string): RequestListener =>
    (_, response) =>
      response.writeHead(307, { location }).end();

  test.each<[string, RequestListener, string]>([
    ['sends to no address', to('http://['), 'upstream-status'],
    ['sends to another protocol', to('ftp://tokyo/x'), 'upstream-status'],
    ['sends to a file', to('file:///etc/passwd'), 'upstream-status'],
    ['sends in a circle', to('/v2/'), 'upstream-status'],
    ['sends to nobody', to('http://127.0.0.1:1/'), 'connection-refused'],
    [
      'asks for a token at no address',
      (_, r) => r.writeHead(401, { 'www-authenticate': 'Bearer realm="x"' }).end(),
      'upstream-status',
    ],
    [
      'asks for a token at nobody',
      (_, r) => r.writeHead(401, { 'www-authenticate': 'Bearer realm="http://127.0.0.1:1/t"' }).end(),
      'connection-refused',
    ],
    ['answers with a page', (_, r) => r.setHeader('content-type', 'text/html').end('<html>'), 'manifest-invalid'],
    ['answers 429 with a page', (_, r) => r.writeHead(429).end('<html>'), 'upstream-status'],
    ['answers 401', (_, r) => r.writeHead(401).end(), 'upstream-status'],
    ['answers 403', (_, r) => r.writeHead(403).end('{"errors":[null]}'), 'upstream-status'],
    ['answers 404', (_, r) => r.writeHead(404).end('{"errors":[{"code":7}]}'), 'upstream-status'],
    ['answers 503', (_, r) => r.writeHead(503).end('{"errors":{}}'), 'upstream-status'],
    ['never answers', () => {}, 'timeout'],
    ['stops in the middle', (_, r) => void r.writeHead(200, { 'content-length': '10' }).write('{'), 'timeout'],
    [
      'cuts its answer',
      (request, r) => void r.writeHead(200, { 'content-length': '10' }).write('{', () => request.socket.destroy()),
      'connection-broken',
    ],
    [
      'answers with another manifest than it names',
      (_, r) => r.setHeader('docker-content-digest', `sha256:${'0'.repeat(64)}`).end('{}'),
      'digest-mismatch',
    ],
    ['never stops talking', (_, r) => r.end(Buffer.alloc(9 << 20, ' ')), 'connection-broken'],
  ])('that %s gives a Problem of its own', async (_, answer, code) => {
    expect(await codeOf(answer)).toBe(code);
  });

  test('whatever it says of its refusal is a Problem, cut to a length', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), binary), binary, (body, header) => {
        const problem = badStatus(
          'tokyo:443',
          'GET x',
          429,
          { 'retry-after': header, 'www-authenticate': header },
          body,
        );
        expect(problemSchema.parse(problem)).toEqual(problem);
        expect(problem.message.length).toBeLessThan(1000);
      }),
      { numRuns: 200 },
    );
  });

  test('whatever it asks a token for, it is asked by http or not at all', () => {
    const challenge = words('Bearer ', 'realm=', 'scope=', '"', 'https://', 'x', ',', '\\', ' ');
    fc.assert(
      fc.property(challenge, (header) => {
        const found = parseBearerChallenge(header);
        if (found !== undefined) expect(tokenUrl(found).protocol).toMatch(/^https?:$/);
      }),
      { numRuns: 300 },
    );
    within(2000, () => parseBearerChallenge(`Bearer ${'a="'.repeat(16_000)}`));
    within(2000, () => parseBearerChallenge(`Bearer a="${'\\"'.repeat(16_000)}`));
  });
});
