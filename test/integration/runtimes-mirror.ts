import { createServer as createPlainServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { createAuthority, issueClient, issueServer } from '../../main/certificates/authority.ts';
import type { EdgeLogLine } from '../../main/fleet/edge-log.ts';
import { catalogue, upstreamOf } from '../../main/fleet/upstreams.ts';

/** `holding` serves our own questions and never answers an engine's pull, as an upstream that hangs in the middle of it. */
export type Mood = 'serving' | 'hanging' | 'failing' | 'silent' | 'holding';

/** A mirror of every upstream with a private CA that asks for a client certificate, in this process, in front of the lab's registries. */
export interface TestMirror {
  readonly authority: string;
  readonly log: string;
  readonly ca: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  /** Another certificate of the same client, as a renewal brings it. */
  readonly renewed: { readonly clientCertificate: string; readonly clientKey: string };
  readonly requests: readonly EdgeLogLine[];
  /** `silent` serves but logs nothing, as an edge that someone else's proxy answers for. */
  mood: Mood;
  close(): Promise<void>;
}

export async function startTestMirror(address: string): Promise<TestMirror> {
  const authority = await createAuthority();
  const server = await issueServer(authority, { names: [address], days: 30 });
  const client = await issueClient(authority, { name: 'dev@laptop' });
  const renewed = await issueClient(authority, { name: 'dev@laptop' });
  const requests: EdgeLogLine[] = [];
  const state: { mood: Mood } = { mood: 'serving' };
  const edge = createServer(
    {
      ca: authority.certificate,
      cert: server.certificate,
      key: server.key.reveal(),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      const path = request.url ?? '/';
      const method = request.method ?? 'GET';
      const peer = (request.socket as TLSSocket).getPeerCertificate();
      const note = (status: number): void => {
        if (state.mood === 'silent') return;
        requests.push({
          id: `r${requests.length}`,
          time: new Date().toISOString(),
          method,
          path,
          status,
          peerFingerprint: peer.fingerprint256.replaceAll(':', '').toLowerCase(),
          agent: request.headers['user-agent'],
        } as EdgeLogLine);
      };
      const answer = async (): Promise<void> => {
        if (state.mood === 'hanging') return;
        if (state.mood === 'failing') return void response.writeHead(500).end();
        if (path === '/v2/') {
          note(200);
          return void response.writeHead(200).end();
        }
        if (state.mood === 'holding' && request.headers['user-agent']?.startsWith('containerd/')) return note(499);
        const { registry, at } = upstreamAt(path);
        const accept = request.headers.accept ?? '*/*';
        const first = await fetch(`${registry}${at}`, { method, headers: { Accept: accept } });
        const challenge = first.status === 401 ? first.headers.get('www-authenticate') : null;
        const from = challenge === null ? first : await withToken(challenge, `${registry}${at}`, method, accept);
        note(from.status);
        const headers = ['content-type', 'content-length', 'docker-content-digest'].flatMap((name) => {
          const value = from.headers.get(name);
          return value === null ? [] : [[name, value] as const];
        });
        response.writeHead(from.status, Object.fromEntries(headers));
        if (method === 'HEAD' || from.body === null) response.end();
        else Readable.fromWeb(from.body as import('node:stream/web').ReadableStream).pipe(response);
      };
      answer().catch(() => response.writeHead(502).end());
    },
  );
  const log = createPlainServer((_, response) => response.end(JSON.stringify(requests)));
  const port = await listening(edge, address);
  const logPort = await listening(log, address);
  return {
    authority: `${address}:${port}`,
    log: `http://${address}:${logPort}/`,
    ca: authority.certificate,
    clientCertificate: client.certificate,
    clientKey: client.key.reveal(),
    renewed: { clientCertificate: renewed.certificate, clientKey: renewed.key.reveal() },
    requests,
    get mood() {
      return state.mood;
    },
    set mood(mood) {
      state.mood = mood;
    },
    async close() {
      edge.closeAllConnections();
      log.closeAllConnections();
      await Promise.all([edge, log].map((each) => new Promise((resolve) => each.close(resolve))));
    },
  };
}

/** As the edge routes: an alias in the path first, then `ns`, else Docker Hub. */
function upstreamAt(path: string): { registry: string; at: string } {
  const url = new URL(path, 'https://edge.test');
  const alias = catalogue.find(({ id }) => url.pathname.startsWith(`/v2/${id}/`));
  const { registry } = alias ?? upstreamOf(url.searchParams.get('ns') ?? 'docker.io');
  return { registry, at: alias === undefined ? url.pathname : url.pathname.replace(`/v2/${alias.id}/`, '/v2/') };
}

async function withToken(challenge: string, url: string, method: string, accept: string): Promise<Response> {
  const word = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
  const query = new URLSearchParams({ service: word('service'), scope: word('scope') });
  const { token } = (await (await fetch(`${word('realm')}?${query.toString()}`)).json()) as { token: string };
  return fetch(url, { method, headers: { Accept: accept, Authorization: `Bearer ${token}` } });
}

function listening(server: Server | ReturnType<typeof createPlainServer>, address: string): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, address, () => {
      const at = server.address();
      resolve(typeof at === 'object' && at !== null ? at.port : 0);
    });
  });
}
