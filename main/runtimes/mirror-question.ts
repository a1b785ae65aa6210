import { fail, problemOf } from '../../preload/contract/problem.ts';
import { upstreamOf } from '../fleet/upstreams.ts';
import { createRegistryClient, type RegistryAnswer } from '../hosts/registry-client.ts';
import type { MirrorEndpoint } from './runtime.ts';

/** Milliseconds a mirror has for each thing waited for (connection, answer) before an engine is pointed at it: one that hangs blocks every pull. */
const patience = 3000;

/** How our own requests call themselves in the edge's log; a proof must not count them. */
const headers = { 'user-agent': 'mirrorfleet' };

/** A mirror that answered as one should: the digest of the tag asked for, and the time (ms since 1970) by the node's own clock. */
export interface MirrorAnswer {
  readonly digest: string;
  readonly nodeTime: number;
}

/** Which image a mirror is asked for: Docker Hub's where it serves that, else the probe image of the first upstream that has one. */
export function provable(endpoint: MirrorEndpoint): { upstream: string; repository: string; tag: string } {
  const upstreams = [...endpoint.upstreams].toSorted((a, b) => Number(b === 'docker.io') - Number(a === 'docker.io'));
  for (const upstream of upstreams) {
    const { repository, tag } = upstreamOf(upstream).probe;
    if (repository !== '') return { upstream, repository, tag };
  }
  return fail({
    code: 'nothing-to-prove-with',
    message: `${endpoint.node} serves no upstream with a known small image, so a switch to it could not be proven. Nothing was changed.`,
    hint: `Add docker.io to ${endpoint.node}'s upstreams.`,
  });
}

/**
 * Asks a mirror as an engine would, with this computer's certificate: the ping, then a tag's manifest. Throws `mirror-not-answering` for
 * anything but two good answers in time; a manifest gets a second try, since the first may have to fetch it.
 */
export async function askMirror(
  endpoint: MirrorEndpoint,
  { upstream, repository, tag }: ReturnType<typeof provable>,
): Promise<MirrorAnswer> {
  // Without an alias a node takes a name as Docker Hub's, as every Docker asks.
  const name = upstream === 'docker.io' ? repository : `${upstream}/${repository}`;
  const client = createRegistryClient({
    baseUrl: `https://${endpoint.authority}`,
    identity: { ca: endpoint.ca, certificate: endpoint.clientCertificate, key: endpoint.clientKey },
    timeoutMs: patience,
  });
  const asked = async <T>(question: () => Promise<T>): Promise<T> => {
    try {
      return await question();
    } catch (error) {
      return refused(endpoint, problemOf(error).message, error);
    }
  };
  const ping = await asked(() => client.ping());
  if (ping.status !== 200) return refused(endpoint, `GET /v2/ gave ${ping.status}`);
  const head = () => client.manifest(name, tag, { method: 'HEAD', headers });
  const manifest = await asked(() => head().catch(head));
  if (!/^sha256:[0-9a-f]{64}$/.test(manifest.digest)) return refused(endpoint, `HEAD ${name}:${tag} gave no digest`);
  return { digest: manifest.digest, nodeTime: timeOf(manifest) };
}

function timeOf({ headers: { date } }: RegistryAnswer): number {
  const told = Date.parse(date ?? '');
  return Number.isNaN(told) ? Date.now() : told;
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
