import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createAuthority, issueClient, issueServer } from '../../../main/certificates/authority.ts';
import { edgeRevisionHeader } from '../../../main/fleet/edge-names.ts';
import { verifyNode } from '../../../main/provision/verify-node.ts';
import { problemFrom } from './answering-host.ts';
import { spec } from './node-fixture.ts';

const authority = await createAuthority();
const own = await issueServer(authority, { names: ['127.0.0.1'], days: 10 });
const client = await issueClient(authority, { name: 'dev@laptop' });
const identity = { ca: authority.certificate, certificate: client.certificate, key: client.key };

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Tries a node whose edge answers so, and asks strangers for a certificate or not. */
async function verified(answer: RequestListener, requestCert = true) {
  const tls = { cert: own.chain, key: own.key.reveal(), ca: authority.certificate, requestCert };
  server = createServer({ ...tls, rejectUnauthorized: requestCert }, answer);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const node = { ...spec, address: '127.0.0.1', port };
  return verifyNode({ spec: node, identity, expected: { routes: 'r1' }, patienceMs: 0 });
}

const edge =
  (rest: RequestListener): RequestListener =>
  (request, response) => {
    response.setHeader(edgeRevisionHeader, 'r1');
    if (request.url === '/v2/') response.end('{}');
    else rest(request, response);
  };
const unavailable: RequestListener = (_, response) => response.writeHead(503).end('upstream connect error');

test.each<[string, RequestListener, boolean, string]>([
  ['something else answers', (_, response) => response.writeHead(404).end(), true, 'edge-answers-wrong'],
  ['another edge answers', (_, response) => response.end('{}'), true, 'edge-revision-differs'],
  ['it lets strangers in', edge(unavailable), false, 'edge-open'],
  ['no mirror stands behind it', edge(unavailable), true, 'mirror-down'],
])('a node is not taken for one that serves where %s', async (_, answer, requestCert, code) => {
  expect((await problemFrom(verified(answer, requestCert))).code).toBe(code);
});

test('a node that does not answer at all is told with the port to open', async () => {
  const node = { ...spec, address: '127.0.0.1', port: 1 };
  const trying = verifyNode({ spec: node, identity, expected: { routes: undefined }, patienceMs: 0 });
  expect(await problemFrom(trying)).toMatchObject({ code: 'node-unreachable', hint: expect.stringContaining('1') });
});

test.each([401, 403, 404, 429, 500, 502])('an upstream that answers %d is a warning of its own', async (status) => {
  const errors = JSON.stringify({ errors: [{ code: 'DENIED', message: 'no' }] });
  const { warnings, pulled } = await verified(edge((_, response) => response.writeHead(status).end(errors)));
  expect(pulled).toEqual([]);
  expect(warnings).toMatchObject([{ code: 'upstream-refuses', detail: { status: String(status) } }]);
});

test('an upstream whose layer is not what its digest says is a warning, and nothing of it is kept', async () => {
  const digest = `sha256:${createHash('sha256').update('right').digest('hex')}`;
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'x/y', digest, size: 5 },
    layers: [],
  });
  const answer: RequestListener = (request, response) => {
    if (request.url?.includes('/blobs/') === true) response.end('wrong');
    else response.setHeader('content-type', 'application/vnd.oci.image.manifest.v1+json').end(manifest);
  };
  expect((await verified(edge(answer))).warnings).toMatchObject([{ code: 'upstream-refuses' }]);
});
