import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import type ssh2 from 'ssh2';
import { afterAll, describe, expect, test } from 'vitest';
import { openHttp } from '../../../main/hosts/http-over-host.ts';
import { createRegistryClient } from '../../../main/hosts/registry-client.ts';
import { noAnswer } from '../../../main/hosts/registry-problems.ts';
import { failWith } from '../../../main/hosts/remote-files.ts';
import { connectionOf } from '../../../main/hosts/ssh-channels.ts';
import { type SshDestination, resolveSshTarget } from '../../../main/hosts/ssh-config.ts';
import { openConnection } from '../../../main/hosts/ssh-connection.ts';
import { planLogin } from '../../../main/hosts/ssh-identities.ts';
import { silentLog } from '../../../main/log/log.ts';
import { problemOf } from '../../../preload/contract/problem.ts';
import { problemCode } from '../problem-code.ts';

const folder = mkdtempSync(join(tmpdir(), 'refusals-'));
afterAll(() => rmSync(folder, { recursive: true }));

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing',
    (error: unknown) => problemOf(error).code,
  );

function configured(text: string): { settings: { configFile: string } } {
  const configFile = join(folder, 'config');
  writeFileSync(configFile, text);
  return { settings: { configFile } };
}

const destination: SshDestination = {
  hostname: 'tokyo.example',
  port: 22,
  user: 'ops',
  hostKeyName: 'tokyo.example',
  identityFiles: [],
  identitiesOnly: false,
  agent: undefined,
  knownHostsFiles: [],
  jumps: [],
  proxyCommand: undefined,
};

describe('an SSH configuration that cannot be followed contacts nobody', () => {
  const connect = (text: string) =>
    codeOf(
      openConnection({
        name: 'tokyo',
        target: { destination: 'tokyo' },
        secrets: {},
        hostKeys: { pinned: () => [] },
        log: silentLog,
        ...configured(text),
      }),
    );

  test('one that ssh itself refuses', async () => {
    expect(await connect('Host tokyo\n  Nonsense yes\n')).toBe('ssh-config-invalid');
    expect(await codeOf(resolveSshTarget({ destination: 'tokyo' }, configured('Port many\n').settings))).toBe(
      'ssh-config-invalid',
    );
  });

  test('one with a ProxyCommand', async () => {
    expect(await connect('Host tokyo\n  ProxyCommand nc %h %p\n')).toBe('proxy-command-unsupported');
  });

  test('one that jumps in a circle', async () => {
    expect(await connect('Host tokyo\n  ProxyJump osaka\nHost osaka\n  ProxyJump tokyo\n')).toBe('jump-chain-too-long');
  });
});

test('a server that takes neither keys nor a password says what was tried', async () => {
  const login = await planLogin(destination, {}, undefined);
  expect(login.explain(['publickey'])).toMatchObject({ code: 'ssh-login-refused', detail: { tried: 'nothing' } });
});

test('a server that lets us log in but run nothing is told from one that is gone', async () => {
  const client = {
    exec: (_command: string, done: (error: Error) => void) => done(new Error('Unable to exec')),
  } as unknown as ssh2.Client;
  const connection = connectionOf('tokyo', destination, client, new AbortController().signal, () => {});
  expect(await codeOf(connection.exec('true'))).toBe('shell-refused');
});

test.each([
  ['denied', 'permission-denied'],
  ['not-a-file', 'not-a-file'],
  ['no-folder', 'folder-missing'],
  ['too-large 5', 'output-too-large'],
  ['changed abc', 'file-changed'],
  ['disk-full', 'disk-full'],
  ['read-only', 'read-only-file-system'],
  ['cut-short 3', 'connection-lost'],
  ['failed Input/output error', 'file-failed'],
  ['whatever a strange shell says', 'file-failed'],
  ['', 'file-failed'],
])('a file that a machine answers "%s" for was left as it was', (answer, code) => {
  expect(problemCode(() => failWith(answer, 'replace', 'tokyo', '/etc/x'))).toBe(code);
});

describe('a port of a machine that gives no proper answer', () => {
  const said = (...chunks: readonly (string | undefined)[]): Duplex => {
    const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
    for (const chunk of chunks) stream.push(chunk ?? null);
    return stream;
  };
  const ask = (stream: Duplex) =>
    codeOf(openHttp({ name: 'tokyo', connect: () => Promise.resolve(stream) }, 1, '/stats', 200));

  test.each([
    ['no HTTP', ['SSH-2.0-OpenSSH\r\n\r\n', undefined]],
    ['half an answer', ['HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', undefined]],
    ['nothing', []],
    ['no more after the head', ['HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n']],
    ['more than anybody needs', ['HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(9 << 20)]],
  ])('but %s', async (_, chunks) => {
    expect(await ask(said(...chunks))).toBe('http-failed');
  });
});

test.each([
  ['ECONNREFUSED', 'connection-refused'],
  ['ENOTFOUND', 'name-not-found'],
  ['EAI_AGAIN', 'name-not-found'],
  ['EHOSTUNREACH', 'no-route'],
  ['ENETUNREACH', 'no-route'],
  ['CERT_HAS_EXPIRED', 'tls-untrusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls-untrusted'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'client-certificate-refused'],
  ['EPROTO', 'tls-failed'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls-failed'],
  ['ECONNRESET', 'connection-broken'],
  ['', 'connection-broken'],
])('a registry that gives no answer for %j is %s', (code, expected) => {
  expect(noAnswer('tokyo:443', Object.assign(new Error('why'), { code }), 'before-tls').code).toBe(expected);
});

describe('a registry', () => {
  test('that speaks no TLS is told from one that is not trusted', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = createRegistryClient({ baseUrl: `https://127.0.0.1:${(server.address() as AddressInfo).port}` });
    expect(await codeOf(client.ping())).toBe('tls-failed');
    client.close();
    server.close();
  });

  test.each([
    ['no JSON', '<html>'],
    ['JSON of another kind', '{"layers":7}'],
    ['null', 'null'],
    ['a list', '[]'],
  ])('whose manifest is %s is not understood', async (_, body) => {
    const server = createHttpServer((_request, response) =>
      response.setHeader('content-type', 'application/vnd.oci.image.manifest.v1+json').end(body),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = createRegistryClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    expect(await codeOf(client.pull('library/app', 'latest'))).toBe('manifest-invalid');
    client.close();
    server.close();
  });
});
