import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkAccess } from './access.ts';
import type { Accounts } from './accounts.ts';
import { blobLink, followBlobLink } from './blob-link.ts';
import type { Fault, FaultBox } from './faults.ts';
import { askRegistry, forward } from './forward.ts';
import { type PullQuota, quotaHeaders } from './pull-quota.ts';
import { sendRegistryError } from './registry-error.ts';
import { type RequestSubject, requestSubject } from './request-kind.ts';
import type { OpenRequest, RequestLog } from './request-log.ts';
import { answerTokenRequest } from './token-endpoint.ts';
import { type Upstream, upstreamByHost } from './upstreams.ts';

/** What the gate knows and the control interface changes. */
export interface GateState {
  readonly faults: FaultBox;
  readonly quota: PullQuota;
  readonly accounts: Accounts;
  readonly log: RequestLog;
}

interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: Upstream;
  readonly url: URL;
  readonly subject: RequestSubject;
  readonly log: OpenRequest;
  readonly fault: Fault | undefined;
}

const loginPage = '<!doctype html><title>Welcome</title><h1>Please log in to this network</h1>\n';

/** Answers one HTTPS request as the upstream named by its Host would, or as the fault in force demands. */
export async function answerAsUpstream(
  state: GateState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const upstream = upstreamByHost(host);
  if (upstream === undefined) return void response.writeHead(421).end();
  const url = new URL(request.url ?? '/', `https://${host}`);
  const link = host === upstream.blobHost ? followBlobLink(url) : undefined;
  const subject = { ...requestSubject(upstream, host, url.pathname), ...(link ? { repository: link.repository } : {}) };
  const method = request.method ?? 'GET';
  const log = state.log.open(
    {
      upstream: upstream.name,
      host,
      method,
      path: request.url ?? '/',
      kind: subject.kind,
      repository: subject.repository,
      from: (request.socket.remoteAddress ?? '').replace('::ffff:', ''),
      userAgent: request.headers['user-agent'] ?? '',
    },
    response,
  );
  const redirects = subject.kind === 'blobs' && upstream.blobHost !== undefined && link === undefined;
  const fault = state.faults.take(upstream.name, { ...subject, method, hasBody: !redirects });
  if (fault) log.fault = fault.kind;
  if (fault && (await strike(fault, response, upstream, subject))) return;
  const visit: Visit = { request, response, upstream, url, subject, log, fault };
  if (host === upstream.blobHost) {
    if (link === undefined) return sendRegistryError(response, upstream, 403);
    return forward(request, response, { ...visit, path: link.path });
  }
  await answerRegistryRequest(state, visit);
}

/** Does the faults that replace the answer; true when nothing is left to do. */
async function strike(
  fault: Fault,
  response: ServerResponse,
  upstream: Upstream,
  { repository }: RequestSubject,
): Promise<boolean> {
  switch (fault.kind) {
    case 'status':
      sendRegistryError(response, upstream, fault.status, { repository });
      return true;
    case 'hang':
      return true;
    case 'close':
      response.socket?.destroy();
      return true;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': loginPage.length }).end(loginPage);
      return true;
    case 'delay':
      await sleep(fault.milliseconds);
      return response.destroyed;
    case 'cut':
    case 'slow':
    case 'wrong bytes':
      return false;
  }
}

async function answerRegistryRequest(state: GateState, visit: Visit): Promise<void> {
  const { request, response, upstream, url, subject, log } = visit;
  const { kind, repository, reference } = subject;
  if (kind === 'token') {
    log.account = await answerTokenRequest(request, response, upstream, state.accounts);
    return;
  }
  if (log.method !== 'GET' && log.method !== 'HEAD') return sendRegistryError(response, upstream, 405);
  const access = checkAccess(request, upstream, subject);
  if (!access.allowed) return sendRegistryError(response, upstream, 401, { repository });
  log.account = access.account;
  if (kind === 'ping') {
    response.writeHead(200, { 'content-type': 'application/json', 'docker-distribution-api-version': 'registry/2.0' });
    return void response.end('{}');
  }
  const path = `${url.pathname}${url.search}`;
  if (kind === 'blobs' && upstream.blobHost !== undefined && repository !== undefined && reference !== undefined) {
    // Only whether it is there; a range is for whoever serves the bytes.
    delete request.headers.range;
    const found = await askRegistry(request, upstream, path, 'HEAD');
    found.resume();
    if (found.statusCode !== 200) return sendRegistryError(response, upstream, 404, { code: 'BLOB_UNKNOWN' });
    response.writeHead(307, { location: blobLink(upstream, repository, reference), 'content-length': 0 });
    return void response.end();
  }
  const headers = kind === 'manifests' ? countPull(state.quota, visit) : {};
  if (headers === 'used up') return;
  await forward(request, response, { ...visit, path, headers });
}

/** Counts a manifest GET; a HEAD only asks how many are left, and is answered even when none is. */
function countPull(quota: PullQuota, { response, upstream, log }: Visit): Record<string, string> | 'used up' {
  if (upstream.quota === undefined) return {};
  const source = log.account === undefined ? log.from : `account:${log.account}`;
  const limit = log.account === undefined ? upstream.quota.anonymous : upstream.quota.account;
  const allowed = log.method === 'HEAD' || quota.spend(source, limit);
  const headers = quotaHeaders(limit, quota.remaining(source, limit), source);
  if (allowed) return headers;
  sendRegistryError(response, upstream, 429, { headers });
  return 'used up';
}
