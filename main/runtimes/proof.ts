import { fail } from '../../preload/contract/problem.ts';
import type { Proof } from '../../preload/contract/runtime.ts';
import { fingerprint } from '../certificates/certificate-facts.ts';
import type { EdgeLogLine } from '../fleet/edge-log.ts';
import type { HelperLine } from './elevation.ts';
import { askMirror, provable } from './mirror-question.ts';
import type { MirrorEndpoint, Runtime } from './runtime.ts';

/** A request as a node's edge logged it. */
export type EdgeRequest = EdgeLogLine;

/** The requests at a node's edge since a time (ms since 1970, by the node's own clock). */
export type EdgeRequests = (node: string, since: number) => Promise<readonly EdgeRequest[]>;

/** Milliseconds to wait for the edge's log after the pull: it is flushed four times a second, and read over SSH. */
const logPatience = 15_000;
const pullPatience = 120_000;

/**
 * Pulls one small image through the runtime and looks for its requests at the edge of the first endpoint, under this computer's client
 * certificate. The tag is resolved through the mirror and pulled by digest, so no tag of the user moves. Requests count, not bytes: the
 * content may have been here. Throws `not-proven` or `proof-pull-failed`.
 */
export async function prove(
  runtime: Runtime,
  endpoint: MirrorEndpoint,
  edgeRequests: EdgeRequests,
  signal: AbortSignal,
  root: HelperLine | undefined,
): Promise<Proof> {
  const image = provable(endpoint);
  const { upstream, repository } = image;
  const { digest, nodeTime } = await askMirror(endpoint, image);
  // The first look costs a login at the node; it is made while the engine pulls.
  edgeRequests(endpoint.node, nodeTime).catch(() => []);
  const { pulled, fresh } = await inTime(runtime.engine, signal, (limit) =>
    runtime.pullForProof({ upstream, repository, digest }, limit, root),
  );
  const certificate = fingerprint(endpoint.clientCertificate);
  const until = Date.now() + logPatience;
  for (;;) {
    signal.throwIfAborted();
    const evidence = evidenceIn(await edgeRequests(endpoint.node, nodeTime), {
      agent: runtime.userAgent,
      certificate,
      repository,
      since: nodeTime,
      fresh,
    });
    const first = evidence[0];
    if (first !== undefined)
      return {
        at: Date.now(),
        node: endpoint.node,
        image: pulled,
        requestId: first.id,
        certificate,
        requests: evidence.length,
      };
    if (Date.now() >= until)
      return fail({
        code: 'not-proven',
        message: `${runtime.engine} pulled ${pulled}, but no request for it with this computer's certificate was seen at ${endpoint.node} within ${logPatience / 1000} s.`,
        hint: `${runtime.engine} went around the mirror. Look at its log and at "mirrorfleet status".`,
        retryable: true,
      });
    await pause(150, signal);
  }
}

/**
 * A pull that ends in time. One that is cancelled throws what it was cancelled with, one that takes longer `proof-pull-failed`, whatever
 * the engine's client makes of an ended signal.
 */
export async function inTime<T>(
  engine: string,
  signal: AbortSignal,
  pull: (limit: AbortSignal) => Promise<T>,
  patience = pullPatience,
): Promise<T> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  try {
    return await pull(limit);
  } catch (cause) {
    signal.throwIfAborted();
    if (!limit.aborted) throw cause;
    return fail(
      {
        code: 'proof-pull-failed',
        message: `${engine} did not finish the pull within ${patience / 1000} s.`,
        hint: 'Look at the node with "mirrorfleet status".',
        retryable: true,
      },
      { cause },
    );
  }
}

/** What a request must show to be evidence. `since` in ms by the node's clock; `fresh` as in {@link ProofPull}. */
export interface Sought {
  readonly agent: string;
  readonly certificate: string;
  readonly repository: string;
  readonly since: number;
  readonly fresh: boolean;
}

/**
 * The requests that an engine (not our own questions) made under this certificate and that were answered with success: for the image, or,
 * where the engine had the image already and asked for nothing of it, its ping. One refused request for the image spoils a ping's word:
 * the engine then went around the mirror. `since` is rounded down because the node tells its time in whole seconds. Pure.
 */
export function evidenceIn(requests: readonly EdgeRequest[], sought: Sought): readonly EdgeRequest[] {
  const from = Math.floor(sought.since / 1000) * 1000;
  const engine = requests.filter(
    (each) =>
      each.peerFingerprint?.toLowerCase() === sought.certificate &&
      (each.agent ?? '').startsWith(sought.agent) &&
      Date.parse(each.time) >= from,
  );
  const ofImage = engine.filter((each) => (each.path ?? '').includes(`/${sought.repository}/`));
  const good = ofImage.filter((each) => each.status < 400);
  if (good.length > 0 || sought.fresh || ofImage.length > 0) return good;
  return engine.filter((each) => each.status < 400 && /^\/v2\/?(\?|$)/.test(each.path ?? ''));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
