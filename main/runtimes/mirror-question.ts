import { request } from 'node:https';
import { fail } from '../../preload/contract/problem.ts';
import type { MirrorEndpoint } from './runtime.ts';

/** Milliseconds a mirror has to answer before an engine is pointed at it: one that hangs blocks every pull. */
const patience = 3000;

/** How our own requests call themselves in the edge's log; a proof must not count them. */
const agent = 'mirrorfleet';

const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** A mirror that answered as one should: the digest of the tag asked for, and the time (ms since 1970) by the node's own clock. */
export interface MirrorAnswer {
  readonly digest: string;
  readonly nodeTime: number;
}

/**
 * Asks a mirror as Docker would, with this computer's certificate: the ping, then a tag's manifest. Throws `mirror-not-answering` for
 * anything but two good answers within three seconds each; a manifest gets a second try, since the first may have to fetch it.
 */
export async function askMirror(endpoint: MirrorEndpoint, repository: string, tag: string): Promise<MirrorAnswer> {
  const ping = await answerOf(endpoint, 'GET', '/v2/');
  if (ping.status !== 200) return refused(endpoint, `GET /v2/ gave ${ping.status}`);
  const path = `/v2/${repository}/manifests/${tag}`;
  const manifest = await answerOf(endpoint, 'HEAD', path).catch(() => answerOf(endpoint, 'HEAD', path));
  if (manifest.status !== 200) return refused(endpoint, `HEAD ${path} gave ${manifest.status}`);
  if (!/^sha256:[0-9a-f]{64}$/.test(manifest.digest)) return refused(endpoint, `HEAD ${path} gave no digest`);
  return { digest: manifest.digest, nodeTime: manifest.date };
}

interface Answer {
  readonly status: number;
  readonly digest: string;
  readonly date: number;
}

async function answerOf(endpoint: MirrorEndpoint, method: 'GET' | 'HEAD', path: string): Promise<Answer> {
  try {
    return await exchange(endpoint, method, path);
  } catch (error) {
    const reason =
      error instanceof Error && error.name === 'TimeoutError' ? `no answer in ${patience} ms` : String(error);
    return refused(endpoint, `${method} ${path}: ${reason}`, error);
  }
}

function exchange(endpoint: MirrorEndpoint, method: string, path: string): Promise<Answer> {
  const { hostname, port } = new URL(`https://${endpoint.authority}`);
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(patience);
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    const asked = request(
      {
        host: hostname.replace(/^\[|\]$/g, ''),
        port: port === '' ? 443 : Number(port),
        method,
        path,
        ca: endpoint.ca,
        cert: endpoint.clientCertificate,
        key: endpoint.clientKey.reveal(),
        agent: false,
        signal,
        headers: { Host: endpoint.authority, 'User-Agent': agent, Accept: accept },
      },
      (answer) => {
        const date = Date.parse(answer.headers.date ?? '');
        const digest = answer.headers['docker-content-digest'];
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            digest: typeof digest === 'string' ? digest : '',
            date: Number.isNaN(date) ? Date.now() : date,
          }),
        );
        answer.resume();
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

function refused(endpoint: MirrorEndpoint, reason: string, cause?: unknown): never {
  return fail(
    {
      code: 'mirror-not-answering',
      message: `The mirror of ${endpoint.node} at ${endpoint.authority} does not answer as it should (${reason}). Nothing was changed.`,
      hint: `Look at it with "mirrorfleet status", then switch again.`,
      retryable: true,
      detail: { reason },
    },
    { cause },
  );
}
