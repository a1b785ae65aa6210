import { assertNever } from '../../preload/contract/assert-never.ts';
import type { Problem } from '../../preload/contract/problem.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import type {
  Disk,
  Drift,
  Forecast,
  Latency,
  MirrorState,
  MirrorView,
  NodeView,
  Program,
  Quota,
  Traffic,
  UpstreamView,
} from '../../preload/contract/status.ts';
import { median, quotaSaying } from './status-words.ts';

/**
 * How one timed request ended, at `at` (ms since 1970). `empty`: the edge answers, and nothing is cached that could be asked for.
 * `failed`: `because` is short (`connection refused`, `401 unauthorized`); `status` is there where the other side did answer.
 */
export type ProbeResult =
  | {
      readonly kind: 'ok';
      readonly at: number;
      readonly manifestMs?: number;
      readonly firstByteMs?: number;
      /** Bytes that the mirror counts as given to a client for it, which is all of a blob where one byte was asked for. */
      readonly countedBytes?: number;
    }
  | { readonly kind: 'empty'; readonly at: number }
  | {
      readonly kind: 'failed';
      readonly at: number;
      readonly code: string;
      readonly because: Saying;
      readonly status?: number;
    };

/**
 * The upstream as the node sees it. `answered` carries the upstream's own status and, on Docker Hub, its quota; `silent` that it does not
 * answer the node or cannot be reached from it; `unasked` that the question never got there (edge down, no such route).
 * `resetsInSeconds` is what the upstream itself said (`retry-after`), `exhaustedSince` when the quota was first seen at 0.
 */
export type UpstreamAnswer =
  | {
      readonly kind: 'answered';
      readonly at: number;
      readonly status: number;
      readonly ms: number;
      readonly quota?: Quota;
      readonly resetsInSeconds?: number;
      readonly exhaustedSince?: number;
    }
  | { readonly kind: 'silent'; readonly at: number; readonly why: 'no-answer' | 'unreachable' }
  | { readonly kind: 'unasked'; readonly at: number; readonly because: Saying };

/** All that is known of one mirror at `now`; {@link mirrorView} decides from it alone. Times in ms. */
export interface MirrorFacts {
  readonly node: string;
  readonly upstream: string;
  readonly now: number;
  readonly applied: boolean;
  /** How often cached images are asked for at present; what is older than three intervals is stale. */
  readonly intervalMs: number;
  /** How often the upstream is asked, through the mirror and past it. */
  readonly upstreamIntervalMs: number;
  /** The last request for a cached image through the edge. */
  readonly cached?: ProbeResult;
  /** The last HEAD by tag through the edge, for which the mirror asks its upstream. */
  readonly uncached?: ProbeResult;
  readonly direct?: ProbeResult;
  readonly atUpstream?: UpstreamAnswer;
  /** False where the machine says that the mirror's own process does not answer, and only the offline twin serves. */
  readonly processAnswers?: boolean;
  /** Manifest latencies of the last few cached probes, any order; their median is the mirror's present speed. */
  readonly recentMs: readonly number[];
  /** The mirror's own median over the last days, where there is enough history. */
  readonly usualMs?: number;
  /** Slower than this is slow for anyone; {@link slowMs} unless said. */
  readonly slowMs?: number;
  /** Manifest latencies of the last cached probes for a sparkline, oldest first; null for one that failed. */
  readonly line?: readonly (number | null)[];
  readonly traffic?: Traffic;
  /** Bytes on the node's disk that this mirror's own repositories link; what two mirrors share counts for both. */
  readonly cacheBytes?: number;
}

/** A pull feels slow when a cached manifest alone takes longer than this, in ms. */
export const slowMs = 500;
/** A mirror that takes this many times its own usual is slow, however fast it is. */
const slowFactor = 3;
/** Below this a multiple of the usual is noise of the network, in ms. */
const slowFloorMs = 50;
/** A result older than so many intervals says nothing about now. */
const staleIntervals = 3;

const upstreamStatuses: Readonly<Record<number, string>> = {
  401: 'upstream-unauthorized',
  403: 'upstream-forbidden',
  404: 'upstream-not-found',
  500: 'upstream-internal-error',
  502: 'upstream-bad-gateway',
  503: 'upstream-unavailable',
  504: 'upstream-gateway-timeout',
};

interface Verdict {
  readonly state: MirrorState;
  readonly because?: Saying;
}

/** What a person sees of one mirror. Up only when an image, or a tag the mirror had to look up, came through the edge within three intervals. */
export function mirrorView(facts: MirrorFacts): MirrorView {
  const { state, because } = verdict(facts);
  const quota = facts.atUpstream?.kind === 'answered' ? facts.atUpstream.quota : undefined;
  const at = seenAt(facts);
  const cached = latencyOf(facts.cached);
  const uncached = latencyOf(facts.uncached);
  const direct = latencyOf(facts.direct);
  return {
    node: facts.node,
    upstream: facts.upstream,
    state,
    ...(because && { because }),
    ...(quota && { quota }),
    ...(cached && { cached }),
    ...(uncached && { uncached }),
    ...(direct && { direct }),
    ...(facts.direct?.kind === 'failed' && { directBecause: facts.direct.because }),
    ...(facts.atUpstream && { atUpstream: upstreamView(facts.atUpstream) }),
    ...(facts.line && { recentMs: facts.line.map((ms) => ms && Math.round(ms * 10) / 10) }),
    ...(facts.traffic && {
      traffic: facts.traffic,
      hits: facts.traffic.hits,
      misses: facts.traffic.misses,
    }),
    ...(facts.cacheBytes !== undefined && { cacheBytes: facts.cacheBytes }),
    ...(at !== undefined && { at }),
  };
}

function upstreamView(answer: UpstreamAnswer): UpstreamView {
  const { at } = answer;
  switch (answer.kind) {
    case 'answered':
      return { at, status: answer.status, ms: answer.ms };
    case 'silent':
      return { at, because: { code: answer.why === 'unreachable' ? 'not-reachable-from-node' : 'does-not-answer' } };
    case 'unasked':
      return { at, because: answer.because };
    default:
      return assertNever(answer);
  }
}

function verdict(facts: MirrorFacts): Verdict {
  if (!facts.applied) return { state: 'unknown', because: { code: 'not-applied' } };
  const { cached, now } = facts;
  if (!cached) return { state: 'unknown', because: { code: 'not-asked' } };
  if (now - cached.at > staleIntervals * facts.intervalMs) {
    return { state: 'unknown', because: { code: 'last-asked', values: { agoMs: now - cached.at } } };
  }
  if (cached.kind === 'failed') return { state: 'down', because: cached.because };
  if (facts.processAnswers === false) return { state: 'degraded', because: { code: 'only-twin-serves' } };
  const isFresh = ({ at }: { at: number }) => now - at <= staleIntervals * facts.upstreamIntervalMs;
  const upstream = facts.atUpstream && isFresh(facts.atUpstream) ? facts.atUpstream : undefined;
  const complaint = upstream && complaintOf(upstream, now);
  if (complaint) return { state: 'degraded', because: complaint };
  const uncached = facts.uncached && isFresh(facts.uncached) ? facts.uncached : undefined;
  if (uncached?.kind === 'failed') return { state: 'degraded', because: newImages(uncached.because) };
  if (cached.kind === 'empty' && uncached?.kind !== 'ok') {
    return { state: 'unknown', because: { code: 'nothing-pulled-yet' } };
  }
  const slow = slowness(facts);
  return slow ? { state: 'slow', because: slow } : { state: 'up' };
}

/** A failure that concerns only what is not cached yet: every sentence of a failure has a twin that says so. */
function newImages(because: Saying): Saying {
  return { ...because, code: `new-images-${because.code}` };
}

/** Why a mirror can serve only what is cached, in the upstream's own words; undefined when the upstream is well. */
function complaintOf(answer: UpstreamAnswer, now: number): Saying | undefined {
  switch (answer.kind) {
    case 'answered':
      // A HEAD costs nothing and may still be answered 200 when no pull is left, so the count decides, not the status alone.
      if (answer.status === 429 || answer.quota?.remaining === 0) return quotaSaying(answer, now);
      if (answer.status < 400) return undefined;
      return { code: upstreamStatuses[answer.status] ?? 'upstream-status', values: { status: answer.status } };
    case 'silent':
      return { code: answer.why === 'unreachable' ? 'upstream-unreachable' : 'upstream-no-answer' };
    case 'unasked':
      return undefined;
    default:
      return assertNever(answer);
  }
}

function slowness(facts: MirrorFacts): Saying | undefined {
  const presentMs = median(facts.recentMs);
  if (presentMs === undefined) return undefined;
  const limitMs = facts.slowMs ?? slowMs;
  if (presentMs > limitMs) return { code: 'slower-than', values: { presentMs, limitMs } };
  const { usualMs } = facts;
  if (usualMs !== undefined && presentMs > slowFloorMs && presentMs > slowFactor * usualMs) {
    return { code: 'slower-than-usual', values: { presentMs, usualMs } };
  }
  return undefined;
}

function latencyOf(result: ProbeResult | undefined): Latency | undefined {
  if (result?.kind !== 'ok') return undefined;
  return {
    at: result.at,
    ...(result.manifestMs !== undefined && { manifestMs: result.manifestMs }),
    ...(result.firstByteMs !== undefined && { firstByteMs: result.firstByteMs }),
  };
}

function seenAt(facts: MirrorFacts): number | undefined {
  const times = [facts.cached?.at, facts.uncached?.at].filter((at) => at !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** All that is known of a node beside its mirrors. `hostProblem` is why the machine itself could not be asked for disk and counters. */
export interface NodeFacts {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly applied: boolean;
  readonly mirrors: readonly MirrorView[];
  readonly disk?: Disk;
  readonly certificateDays?: number;
  readonly destination?: string;
  readonly appliedAt?: number;
  /** How often cached images are asked for at present, in ms. */
  readonly intervalMs: number;
  readonly forecast?: Forecast;
  readonly programs?: readonly Program[];
  readonly drift?: Drift;
  readonly hostProblem?: Problem;
}

/** A certificate is spoken of when it has fewer days than this. */
const certificateWarningDays = 14;
/** Registry 3.1.1 cuts pulls short when its disk fills, cached ones too when it is full; so a disk is spoken of before that. */
const diskReserveBytes = 512 * 1024 * 1024;
const inodeReserve = 5_000;

/** What a person sees of a node: the worst of its mirrors, where a node is only down when all of them are. */
export function nodeView(facts: NodeFacts): NodeView {
  const full = facts.disk && diskProblem(facts.name, facts.disk);
  const problem = full ?? certificateProblem(facts) ?? facts.hostProblem;
  const seen = facts.mirrors.map((mirror) => mirror.at).filter((at) => at !== undefined);
  const state = aggregate(facts.applied, facts.mirrors);
  return {
    name: facts.name,
    kind: 'ssh',
    address: facts.address,
    port: facts.port,
    state: full && (state === 'up' || state === 'slow') ? 'degraded' : state,
    applied: facts.applied,
    ...(problem && { problem }),
    mirrors: [...facts.mirrors],
    ...(facts.disk && { disk: facts.disk }),
    ...(facts.certificateDays !== undefined && { certificateDays: facts.certificateDays }),
    ...(facts.destination !== undefined && { destination: facts.destination }),
    ...(facts.appliedAt !== undefined && { appliedAt: facts.appliedAt }),
    staleAfterMs: staleIntervals * facts.intervalMs,
    ...(facts.forecast && { forecast: facts.forecast }),
    ...(facts.programs && { programs: [...facts.programs] }),
    ...(facts.drift && { drift: facts.drift }),
    ...(seen.length > 0 && { seenAt: Math.max(...seen) }),
  };
}

function aggregate(applied: boolean, mirrors: readonly MirrorView[]): MirrorState {
  const has = (state: MirrorState) => mirrors.some((mirror) => mirror.state === state);
  const all = (state: MirrorState) => mirrors.every((mirror) => mirror.state === state);
  if (!applied || mirrors.length === 0) return 'unknown';
  if (all('down')) return 'down';
  if (has('down') || has('degraded')) return 'degraded';
  if (has('unknown')) return 'unknown';
  return has('slow') ? 'slow' : 'up';
}

function diskProblem(name: string, disk: Disk): Problem | undefined {
  // File systems without a fixed number of inodes (btrfs) report 0 of 0.
  const inodesShort = disk.totalInodes > 0 && disk.freeInodes < inodeReserve;
  if (disk.freeBytes >= diskReserveBytes && !inodesShort) return undefined;
  const left = inodesShort ? `${disk.freeInodes} free inodes` : `${Math.floor(disk.freeBytes / 1024 ** 2)} MB free`;
  return {
    code: 'disk-nearly-full',
    message: `The disk of ${name} is nearly full (${left}); pulls through it may be cut short.`,
    hint: `Free space with "mirrorfleet cache prune ${name}" or give the machine a larger disk.`,
    retryable: false,
  };
}

function certificateProblem(facts: NodeFacts): Problem | undefined {
  const days = facts.certificateDays;
  if (days === undefined || days >= certificateWarningDays) return undefined;
  return {
    code: 'certificate-expires',
    message:
      days > 0
        ? `The certificate of ${facts.name} expires in ${days} days.`
        : `The certificate of ${facts.name} has expired.`,
    hint: `Renew it with "mirrorfleet node apply ${facts.name}".`,
    retryable: false,
  };
}
