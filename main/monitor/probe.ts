import { tokenProbePath, upstreamProbePath } from '../fleet/edge-names.ts';
import type { ProbeResult, UpstreamAnswer } from '../fleet/node-status.ts';
import { type Upstream, upstreamOf } from '../fleet/upstreams.ts';
import type { TlsIdentity } from '../hosts/registry-client.ts';
import { type Answer, type Ask, acceptManifests } from './ask.ts';
import { Budget } from './budget.ts';
import { complaintIn, failureOf, isWebPage, refusalOf, webPage } from './failures.ts';
import type { CachedImageFound } from './machine-facts.ts';
import { parseQuota, parseRetryAfter } from './rate-headers.ts';
import { trustSystem } from './system-trust.ts';
import { TokenPurse } from './token-purse.ts';

/** Where an edge is and who we are to it. `authority` is `tokyo.example:443`. */
export interface EdgeTarget {
  readonly authority: string;
  readonly identity: TlsIdentity;
}

/** What a node was told by an upstream, with the digest the tag has there now. */
export interface UpstreamFound {
  readonly answer: UpstreamAnswer;
  readonly digest?: string;
}

/** By this name probes are known in the edge's log; whoever reads last use from it leaves them out. */
export const probeAgent = 'mirrorfleet-probe';

/** Bounds of one request, in ms: whether the edge is there, to what is cached, to a tag that the mirror looks up (its twin answers after 3 s), and to an upstream. */
const pingTimeoutMs = 4_000;
const cachedTimeoutMs = 5_000;
const lookupTimeoutMs = 10_000;
const upstreamTimeoutMs = 5_000;
/** An edge that gives up after this long has waited in vain for a connection to the upstream. */
const silenceMs = 2_000;

export interface ProbesOptions {
  readonly ask: Ask;
  readonly now: () => number;
}

/**
 * Timed requests that cost no upstream anything: cached images by digest, and HEAD requests, which even Docker Hub does not count; and
 * those only within a budget. They never throw; what went wrong is the result.
 */
export class Probes {
  readonly #ask: Ask;
  readonly #now: () => number;
  readonly #tokens: TokenPurse;
  readonly #budget: Budget;

  constructor(options: ProbesOptions) {
    this.#ask = options.ask;
    this.#now = options.now;
    this.#tokens = new TokenPurse(options.now);
    this.#budget = new Budget(options.now);
  }

  /**
   * Opens a connection to the edge by a first request that nobody times, as a container engine keeps one; what is asked next goes over it.
   * Undefined where the edge answers, else how it failed.
   */
  async greet(target: EdgeTarget, signal: AbortSignal): Promise<ProbeResult | undefined> {
    const at = this.#now();
    const ping = () => this.#edge(target, 'GET', '/v2/', pingTimeoutMs, signal, {});
    try {
      // Tried twice: packets over a connection that died while this computer slept vanish without an error.
      const pong = await ping().catch(ping);
      return pong.status === 200 ? undefined : failedBy(pong, at);
    } catch (error) {
      return { kind: 'failed', at, ...failureOf(error) };
    }
  }

  /** A manifest by digest and the first byte of a blob, both known to be cached, over a connection that was greeted. Nothing known: `empty`. */
  async cached(
    target: EdgeTarget,
    upstream: string,
    found: CachedImageFound | undefined,
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    const at = this.#now();
    if (!found) return { kind: 'empty', at };
    const get = (path: string, headers: Record<string, string>) =>
      this.#edge(target, 'GET', path, cachedTimeoutMs, signal, headers);
    try {
      const root = `/v2/${upstream}/${found.repository}`;
      const manifest = await get(`${root}/manifests/${found.manifest}`, { accept: acceptManifests });
      // Pruned since it was seen: nothing is known of the mirror's speed, and nothing is wrong with it.
      if (manifest.status === 404) return { kind: 'empty', at };
      if (manifest.status !== 200) return failedBy(manifest, at);
      const blob = found.blob && (await get(`${root}/blobs/${found.blob}`, { range: 'bytes=0-0' }));
      if (blob && blob.status >= 500) return failedBy(blob, at);
      const served = blob && (blob.status === 206 || blob.status === 200) ? blob : undefined;
      return {
        kind: 'ok',
        at,
        manifestMs: manifest.totalMs,
        ...(served && { firstByteMs: served.firstByteMs }),
        countedBytes: Buffer.byteLength(manifest.body) + (served ? wholeBytes(served) : 0),
      };
    } catch (error) {
      return { kind: 'failed', at, ...failureOf(error) };
    }
  }

  /** HEAD by tag, for which the mirror asks its upstream. See `revalidation.ts` for when it costs nothing. Undefined where the budget is spent. */
  async uncached(
    target: EdgeTarget,
    upstream: string,
    image: { readonly repository: string; readonly tag: string },
    signal: AbortSignal,
  ): Promise<ProbeResult | undefined> {
    if (!this.#budget.take(`${target.authority} ${upstream}`)) return undefined;
    const at = this.#now();
    const path = `/v2/${upstream}/${image.repository}/manifests/${image.tag}`;
    try {
      const answer = await this.#edge(target, 'HEAD', path, lookupTimeoutMs, signal, { accept: acceptManifests });
      if (answer.status !== 200) return failedBy(answer, at);
      return { kind: 'ok', at, manifestMs: answer.totalMs, countedBytes: wholeBytes(answer) };
    } catch (error) {
      return { kind: 'failed', at, ...failureOf(error) };
    }
  }

  /** HEAD by tag at the upstream from the node's own address, through the edge's probe route. Carries Docker Hub's quota. Undefined where the budget is spent. */
  async atUpstream(target: EdgeTarget, name: string, signal: AbortSignal): Promise<UpstreamFound | undefined> {
    if (!this.#budget.take(`${target.authority} ${name}`)) return undefined;
    const at = this.#now();
    const upstream = upstreamOf(name);
    const question = upstreamProbePath(name, questionPath(upstream));
    const tokenPath = (url: URL): string => {
      const path = url.host === new URL(upstream.registry).host ? upstreamProbePath : tokenProbePath;
      return path(name, url.pathname + url.search);
    };
    try {
      const answer = await this.#tokens.withToken(
        `${target.authority} ${name}`,
        (headers) => this.#edge(target, 'HEAD', question, upstreamTimeoutMs, signal, headers),
        (url) => this.#edge(target, 'GET', tokenPath(url), upstreamTimeoutMs, signal, {}),
      );
      return { answer: upstreamAnswer(answer, upstream, at), ...digestIn(answer) };
    } catch (error) {
      const { code, because } = failureOf(error);
      return {
        answer: code === 'timeout' ? { kind: 'silent', at, why: 'no-answer' } : { kind: 'unasked', at, because },
      };
    }
  }

  /** HEAD by tag straight at the upstream from this computer, with an anonymous token. Undefined where the budget is spent. */
  async direct(name: string, signal: AbortSignal): Promise<ProbeResult | undefined> {
    trustSystem();
    if (!this.#budget.take(`direct ${name}`)) return undefined;
    const at = this.#now();
    const upstream = upstreamOf(name);
    const straight = (method: 'GET' | 'HEAD', url: string, headers: Record<string, string>) =>
      this.#ask({
        method,
        url,
        headers: { 'user-agent': probeAgent, ...headers },
        timeoutMs: upstreamTimeoutMs,
        signal,
      });
    try {
      const answer = await this.#tokens.withToken(
        `direct ${upstream.id}`,
        (headers) => straight('HEAD', `${upstream.registry}${questionPath(upstream)}`, headers),
        (url) => straight('GET', url.href, {}),
      );
      if (isWebPage(answer)) return { kind: 'failed', at, ...webPage };
      if (wellAnswered(answer.status, upstream)) return { kind: 'ok', at, manifestMs: answer.totalMs };
      return failedBy(answer, at);
    } catch (error) {
      return { kind: 'failed', at, ...failureOf(error) };
    }
  }

  #edge(
    target: EdgeTarget,
    method: 'GET' | 'HEAD',
    path: string,
    timeoutMs: number,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    return this.#ask({
      method,
      url: `https://${target.authority}${path}`,
      headers: { 'user-agent': probeAgent, ...headers },
      identity: target.identity,
      timeoutMs,
      signal,
    });
  }
}

function failedBy(answer: Answer, at: number): ProbeResult {
  return { kind: 'failed', at, ...refusalOf(answer) };
}

/** An upstream that we know no image of is asked for its `/v2/`, where "unauthorized" is the proper greeting of a stranger. */
function questionPath(upstream: Upstream): string {
  const { repository, tag } = upstream.probe;
  return repository === '' ? '/v2/' : `/v2/${repository}/manifests/${tag}`;
}

function wellAnswered(status: number, upstream: Upstream): boolean {
  return status < 400 || (status === 401 && upstream.probe.repository === '');
}

function upstreamAnswer(answer: Answer, upstream: Upstream, at: number): UpstreamAnswer {
  // The edge's router notes how long the other side took; an answer without that note is the edge's own.
  if (answer.headers['x-envoy-upstream-service-time'] === undefined && answer.status >= 400) {
    if (answer.status === 504) return { kind: 'silent', at, why: 'no-answer' };
    // The same 503 for a refused connection, at once, and for one that nobody answers, after Envoy's wait.
    if (answer.status === 503) {
      return { kind: 'silent', at, why: answer.totalMs < silenceMs ? 'unreachable' : 'no-answer' };
    }
    return { kind: 'unasked', at, because: complaintIn(answer) };
  }
  if (isWebPage(answer)) return { kind: 'silent', at, why: 'unreachable' };
  const quota = parseQuota(answer.headers);
  const resetsInSeconds = parseRetryAfter(answer.headers, at);
  return {
    kind: 'answered',
    at,
    status: wellAnswered(answer.status, upstream) ? 200 : answer.status,
    ms: answer.totalMs,
    ...(quota && { quota }),
    ...(resetsInSeconds !== undefined && { resetsInSeconds }),
  };
}

/** The length of all that an answer is of, in bytes: registry 3.1.1 counts a whole blob as served where a range of it is asked for. */
function wholeBytes({ headers }: Answer): number {
  const whole = /\/(\d{1,15})$/.exec(headers['content-range'] ?? '')?.[1] ?? headers['content-length'];
  return Number(whole ?? 0) || 0;
}

function digestIn(answer: Answer): { digest?: string } {
  const digest = answer.headers['docker-content-digest'];
  return answer.status === 200 && digest !== undefined ? { digest } : {};
}
