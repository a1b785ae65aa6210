import { setTimeout as wait } from 'node:timers/promises';
import type { NodeSpec } from '../../preload/contract/node.ts';
import { type Problem, ProblemError, fail, problemOf } from '../../preload/contract/problem.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import { edgeRevisionHeader } from '../fleet/edge-names.ts';
import { upstreamOf } from '../fleet/upstreams.ts';
import { type RegistryClient, type TlsIdentity, createRegistryClient } from '../hosts/registry-client.ts';

/** What trying a node showed: what was pulled, and what an upstream refused for its own reasons. */
export interface Verification {
  readonly pulled: readonly {
    readonly upstream: string;
    readonly image: string;
    readonly bytes: number;
    readonly ms: number;
  }[];
  readonly warnings: readonly Problem[];
  readonly summary: Saying;
}

export interface VerifyRequest {
  readonly spec: NodeSpec;
  /** Our CA and this computer's client certificate. */
  readonly identity: TlsIdentity;
  /** The version of the routes that the edge must name in its answers; undefined does not ask. */
  readonly expected: { readonly routes: string | undefined };
  readonly signal?: AbortSignal;
  /** How long a fresh edge may take until it answers as it should (ms); its health checks need a few seconds. */
  readonly patienceMs?: number;
}

const patience = 20_000;
const between = 250;
/** A small image through a slow upstream; more than this is the upstream's own trouble. Milliseconds. */
const pullTimeout = 60_000;

/** Runs a try until it succeeds or the time is over; then its Problem is thrown. Only a Problem is worth another try. */
async function persist<T>(ms: number, signal: AbortSignal | undefined, attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ProblemError) || Date.now() > deadline || signal?.aborted === true) throw error;
      await wait(between, undefined, signal === undefined ? {} : { signal });
    }
  }
}

/** The edge answers over TLS with our CA and certificate, and with the routes that were pushed. */
async function edgeAnswers(client: RegistryClient, request: VerifyRequest): Promise<void> {
  const { spec, signal } = request;
  const { routes } = request.expected;
  const { status, headers } = await client.ping(signal);
  if (status !== 200) {
    fail({
      code: 'edge-answers-wrong',
      message: `The edge of ${spec.name} answers ${status} to /v2/ where 200 is due.`,
      hint: `Something else may listen on ${spec.address}:${spec.port}; check the address and port of the node.`,
    });
  }
  const revision = headers[edgeRevisionHeader];
  if (routes !== undefined && revision !== routes) {
    fail({
      code: 'edge-revision-differs',
      message: `${spec.address}:${spec.port} answers with routes ${String(revision ?? '(none)')} where ${routes} was pushed.`,
      hint: 'The address may lead to another node, or to another machine’s proxy; check where it points.',
      retryable: true,
    });
  }
}

/** Without a client certificate the edge must not answer at all. */
async function strangersRefused({ spec, identity, signal }: VerifyRequest): Promise<void> {
  const stranger = createRegistryClient({
    baseUrl: `https://${spec.address}:${spec.port}/`,
    ...(identity.ca === undefined ? {} : { identity: { ca: identity.ca } }),
  });
  let status: number;
  try {
    ({ status } = await stranger.ping(signal));
  } catch (error) {
    if (error instanceof ProblemError) return;
    throw error;
  } finally {
    stranger.close();
  }
  fail({
    code: 'edge-open',
    message: `The edge of ${spec.name} answered ${status} to a client without a certificate.`,
    hint: 'This is a fault in Mirrorfleet; please report it. The node was taken back so that nobody else can use it.',
  });
}

/** Only the edge itself answers 503 without a registry's error body: then no mirror stands behind it. Every other refusal is the upstream's. */
function mirrorIsDown(problem: Problem): boolean {
  return problem.detail?.['status'] === '503' && problem.detail['error'] === undefined;
}

type Tried =
  | { readonly pulled: Verification['pulled'][number] }
  | { readonly warning: Problem }
  | { readonly silent: true };

/** A whole small image through one mirror. An upstream's own refusal is a warning; a mirror that does not answer is a failure. */
async function pullThrough(client: RegistryClient, request: VerifyRequest, name: string): Promise<Tried> {
  const upstream = upstreamOf(name);
  const { repository, tag } = upstream.probe;
  const known = repository !== '';
  const begin = performance.now();
  try {
    return await persist(known ? (request.patienceMs ?? patience) / 2 : 0, request.signal, async () => {
      try {
        if (!known) {
          await client.manifest('mirrorfleet/probe', 'latest', { ns: upstream.id, signal: request.signal });
          return { silent: true } as const;
        }
        const signal = AbortSignal.any([AbortSignal.timeout(pullTimeout), ...(request.signal ? [request.signal] : [])]);
        const { bytes } = await client.pull(repository, tag, { ns: upstream.id, signal });
        const image = `${upstream.id}/${repository}:${tag}`;
        return { pulled: { upstream: upstream.id, image, bytes, ms: performance.now() - begin } };
      } catch (error) {
        if (!(error instanceof ProblemError) || mirrorIsDown(error.problem)) throw error;
        if (!known) return { silent: true } as const;
        return { warning: upstreamWarning(upstream.id, error.problem) };
      }
    });
  } catch (error) {
    if (request.signal?.aborted === true || !(error instanceof ProblemError)) throw error;
    return fail({
      ...error.problem,
      code: 'mirror-down',
      message: `The mirror of ${upstream.id} on ${request.spec.name} does not answer.`,
      hint: `Look at its log on the machine: docker logs of the service for ${upstream.id}. Then apply again.`,
    });
  }
}

function upstreamWarning(upstream: string, problem: Problem): Problem {
  return {
    ...problem,
    code: 'upstream-refuses',
    message: `${upstream} gives the node nothing now: ${problem.message}`,
    hint: `The mirror itself works and will serve ${upstream} as soon as that does; mirrorfleet status shows when.`,
    retryable: true,
    detail: { ...problem.detail, upstream },
  };
}

/**
 * Tries a node from this computer, as its clients will: TLS with our CA, no answer without a client certificate, the routes that
 * were pushed, then a small image through every upstream. Problems: `node-unreachable`, `edge-answers-wrong`, `edge-revision-differs`,
 * `edge-open`, `mirror-down`, and TLS problems of the registry client.
 */
export async function verifyNode(request: VerifyRequest): Promise<Verification> {
  const { spec, identity, signal } = request;
  const client = createRegistryClient({
    baseUrl: `https://${spec.address}:${spec.port}/`,
    identity,
    timeoutMs: 35_000,
  });
  try {
    await persist(request.patienceMs ?? patience, signal, () => edgeAnswers(client, request)).catch(
      (error: unknown) => {
        const problem = problemOf(error);
        if (
          !['connection-refused', 'no-route', 'timeout', 'connection-broken', 'name-not-found'].includes(problem.code)
        )
          throw error;
        fail({
          ...problem,
          code: 'node-unreachable',
          message: `The node runs on its machine, but ${spec.address}:${spec.port} does not answer from here (${problem.message})`,
          hint: `Open TCP port ${spec.port} in the provider's firewall or security group, or correct the address: mirrorfleet node add ${spec.name} … --address NAME --port N`,
        });
      },
    );
    await strangersRefused(request);
    const tried = await Promise.all(spec.upstreams.map((name) => pullThrough(client, request, name)));
    const pulled = tried.flatMap((each) => ('pulled' in each ? [each.pulled] : []));
    const warnings = tried.flatMap((each) => ('warning' in each ? [each.warning] : []));
    const bytes = pulled.reduce((sum, each) => sum + each.bytes, 0);
    const values = { gave: pulled.length, upstreams: spec.upstreams.length, imageBytes: bytes };
    const summary =
      warnings.length === 0
        ? { code: 'upstreams-gave', values }
        : { code: 'upstreams-gave-some-refused', values: { ...values, refused: warnings.length } };
    return { pulled, warnings, summary };
  } finally {
    client.close();
  }
}
