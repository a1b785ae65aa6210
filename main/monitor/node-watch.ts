import { type Forecast, type NodeView, recentProbes } from '../../preload/contract/status.ts';
import { forecastOf, forecastRangeMs } from '../fleet/forecast.ts';
import { type ProbeResult, mirrorView, nodeView } from '../fleet/node-status.ts';
import { upstreamOf } from '../fleet/upstreams.ts';
import type { History, Sample } from '../store/history.ts';
import type { ReadCertificateDays } from './edge-certificate.ts';
import { MachineWatch } from './machine-watch.ts';
import { MirrorRecord } from './mirror-record.ts';
import type { EdgeTarget, Probes } from './probe.ts';
import { revalidation } from './revalidation.ts';
import { type Clock, type RoundOutcome, isDue } from './schedule.ts';
import type { WatchedNode } from './watched-node.ts';
import { atMost } from './within.ts';

/** How long probes wait for the look at the machine, which says what is cached, in ms; longer where a person waits for the result. */
const seeMs = 2_000;
const seeForcedMs = 8_000;
const countForcedMs = 20_000;

const hour = 60 * 60_000;
/** A sparkline begins with what history holds of this last stretch, in ms. */
const lineRangeMs = hour;
/** A mirror's usual speed is the median of this range, up to an hour ago, from at least so many samples; worked out once an hour. */
const usualRangeMs = 7 * 24 * hour;
const usualSamples = 100;

export interface NodeWatchOptions {
  readonly probes: Probes;
  readonly readCertificateDays: ReadCertificateDays;
  readonly history: History;
  readonly clock: Clock;
  readonly upstreamIntervalMs: number;
  /** The last direct probe of an upstream. */
  readonly direct: (upstream: string) => ProbeResult | undefined;
  /** Something new is known; the view may have changed. */
  readonly onNews: () => void;
}

/** Connections that a node's mirrors are asked over at once. */
const lanes = 2;

/** One round: whether everything is asked, and what must be known of the machine first. */
interface Round {
  readonly forced: boolean;
  readonly seen: Promise<void> | undefined;
  readonly signal: AbortSignal;
}

/** Watches one node: rounds of probes through its edge, looks at its machine, and the view made of both. */
export class NodeWatch {
  readonly name: string;
  readonly #options: NodeWatchOptions;
  readonly #machine: MachineWatch;
  readonly #records = new Map<string, MirrorRecord>();
  #usualDueAt = -Infinity;
  #certificateDueAt = -Infinity;
  #certificateDays: number | undefined;
  /** Worked out when it is first shown after a new measurement of the disk; false where there are too few. */
  #forecast: Forecast | false | undefined;
  #forced = true;

  constructor(name: string, options: NodeWatchOptions) {
    this.name = name;
    this.#options = options;
    const { history, clock } = options;
    this.#machine = new MachineWatch(clock, {
      metrics: (metrics) => {
        for (const [upstream, counted] of metrics.counters) {
          history.count(this.#record(upstream).tookCounters(counted, clock.now()));
        }
        for (const [upstream, { processAnswers }] of metrics.edge)
          this.#record(upstream).processAnswers = processAnswers;
        options.onNews();
      },
      disk: ({ freeBytes, freeInodes, cacheBytes }) => {
        history.measured({ node: name, at: clock.now(), freeBytes, freeInodes, cacheBytes });
        this.#forecast = undefined;
      },
    });
  }

  /** The next round asks everything, whether it is time or not. */
  force(): void {
    this.#forced = true;
  }

  /** The node was applied, pruned or restored: what was known of its cache is not known any more. */
  changed(): void {
    this.#machine.forgetCache();
    this.force();
  }

  /** This computer slept or moved: everything is asked at the next round, whenever it was asked before. */
  woke(): void {
    this.#machine.woke();
    for (const record of this.#records.values()) record.forgetAfter(this.#options.clock.now());
    this.force();
  }

  async round(node: WatchedNode, signal: AbortSignal): Promise<RoundOutcome> {
    const forced = this.#forced;
    this.#forced = false;
    const { clock, history, onNews } = this.#options;
    if (forced) onNews();
    this.#workOutUsual(node);
    const probing = Promise.withResolvers<void>();
    const look = this.#machine.look(node, forced, probing.promise, signal);
    const seen = look && atMost(clock, forced ? seeForcedMs : seeMs, look.seen, signal);
    try {
      const target: EdgeTarget = {
        authority: `${node.spec.address.includes(':') ? `[${node.spec.address}]` : node.spec.address}:${node.spec.port}`,
        identity: await node.identity(),
      };
      await Promise.all([
        this.#readCertificate(target, forced, signal),
        this.#probeAll(node.spec.upstreams, target, { forced, seen, signal }),
      ]);
    } finally {
      probing.resolve();
    }
    const results = node.spec.upstreams.map((upstream) => this.#record(upstream).cached);
    const isDown = results.every((result) => result?.kind === 'failed');
    if (look && forced && !isDown) await atMost(clock, countForcedMs, look.done, signal);
    signal.throwIfAborted();
    history.flush();
    onNews();
    return isDown ? 'failed' : 'ok';
  }

  /** The node as it is known now. */
  view(node: WatchedNode, intervalMs: number): NodeView {
    const { clock, direct, history } = this.#options;
    const times = {
      now: clock.now(),
      applied: node.applied,
      intervalMs,
      upstreamIntervalMs: Math.max(intervalMs, this.#options.upstreamIntervalMs),
    };
    const { disk, problem, programs, drift } = this.#machine;
    const certificateDays = this.#certificateDays;
    const { destination, appliedAt } = node;
    this.#forecast ??=
      forecastOf(history.disks({ node: this.name, from: times.now - forecastRangeMs, to: times.now })) ?? false;
    return nodeView({
      name: node.spec.name,
      address: node.spec.address,
      port: node.spec.port,
      applied: node.applied,
      mirrors: node.spec.upstreams.map((upstream) =>
        mirrorView(
          this.#record(upstream).facts({
            ...times,
            direct: direct(upstream),
            cacheBytes: this.#machine.cacheBytes.get(upstream),
          }),
        ),
      ),
      ...(disk && { disk }),
      ...(certificateDays !== undefined && { certificateDays }),
      ...(destination !== undefined && { destination }),
      ...(appliedAt !== undefined && { appliedAt }),
      intervalMs,
      ...(this.#forecast && { forecast: this.#forecast }),
      ...(programs && { programs }),
      ...(drift && { drift }),
      ...(problem && { hostProblem: problem }),
    });
  }

  /**
   * Asks every mirror for what is cached, over {@link lanes} connections: mirrors of one node share its line, and one that is measured
   * beside seven others looks slower than it is. An edge that does not answer a greeting is asked no more.
   */
  async #probeAll(upstreams: readonly string[], target: EdgeTarget, round: Round): Promise<void> {
    const { probes } = this.#options;
    const waiting = [...upstreams];
    const answered: string[] = [];
    const lane = async (): Promise<void> => {
      let greeted = false;
      for (let upstream = waiting.shift(); upstream !== undefined; upstream = waiting.shift()) {
        const unanswered = greeted ? undefined : await probes.greet(target, round.signal);
        if (round.signal.aborted) return;
        if (unanswered) {
          for (const each of [upstream, ...waiting.splice(0)]) this.#keep(this.#record(each).tookCached(unanswered));
          return;
        }
        greeted = await this.#probe(upstream, target, round);
        if (greeted) answered.push(upstream);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    this.#options.onNews();
    // Not before: their questions would take the connections that were opened for the lanes.
    await Promise.all(answered.map((upstream) => this.#askUpstream(upstream, target, round)));
  }

  /** Whether the mirror answered; where it did not, the next one needs a connection that is greeted anew. */
  async #probe(upstream: string, target: EdgeTarget, { forced, seen, signal }: Round): Promise<boolean> {
    await seen;
    const found = this.#machine.cached.get(upstream);
    const cached = await this.#options.probes.cached(target, upstream, found, signal);
    if (signal.aborted) return false;
    const record = this.#record(upstream);
    const before = record.cached?.kind;
    this.#keep(record.tookCached(cached));
    // What goes on as it was is told when all mirrors were asked: nobody sees the difference, and each telling is work for every client.
    if (forced || cached.kind !== before) this.#options.onNews();
    return cached.kind !== 'failed';
  }

  /** Asks the upstream through the node, where it is time. */
  async #askUpstream(upstream: string, target: EdgeTarget, { forced, signal }: Round): Promise<void> {
    const { probes, clock } = this.#options;
    const record = this.#record(upstream);
    const askedAt = record.found?.answer.at ?? -Infinity;
    // Nine tenths: rounds are jittered by one tenth, and must not make every other one too early.
    if (!forced && clock.now() - askedAt < 0.9 * this.#options.upstreamIntervalMs) return;
    const found = await probes.atUpstream(target, upstream, signal);
    if (signal.aborted || !found) return;
    this.#keep(record.tookUpstream(found));
    if (forced) this.#options.onNews();
    await this.#lookUp(record, target, signal);
  }

  /** HEAD by tag through the mirror, where that costs the upstream nothing or is worth a pull. */
  async #lookUp(record: MirrorRecord, target: EdgeTarget, signal: AbortSignal): Promise<void> {
    const { probes, clock } = this.#options;
    const image = upstreamOf(record.upstream).probe;
    if (image.repository === '') return;
    const verdict = revalidation({
      now: clock.now(),
      image,
      cached: this.#machine.cached.get(record.upstream),
      upstream: record.found,
      lastPullAt: record.lastPullAt,
    });
    if (verdict === 'not-now') return;
    if (verdict === 'pull') {
      record.lastPullAt = clock.now();
      this.#machine.makeDue();
    }
    const result = await probes.uncached(target, record.upstream, image, signal);
    if (!signal.aborted && result) this.#keep(record.tookUncached(result, verdict === 'pull'));
  }

  async #readCertificate(target: EdgeTarget, forced: boolean, signal: AbortSignal): Promise<void> {
    const now = this.#options.clock.now();
    if (!forced && !isDue(now, this.#certificateDueAt, hour)) return;
    this.#certificateDueAt = now + hour;
    this.#certificateDays = (await this.#options.readCertificateDays(target, now, signal)) ?? this.#certificateDays;
  }

  #keep(sample: Sample | undefined): void {
    if (sample) this.#options.history.add([sample]);
  }

  #workOutUsual(node: WatchedNode): void {
    const { clock, history } = this.#options;
    const now = clock.now();
    if (!isDue(now, this.#usualDueAt, hour)) return;
    this.#usualDueAt = now + hour;
    for (const upstream of node.spec.upstreams) {
      const range = { from: now - usualRangeMs, to: now - hour };
      this.#record(upstream).usualMs = history.usualMs(
        { node: this.name, upstream, kind: 'cached', ...range },
        usualSamples,
      );
    }
  }

  #record(upstream: string): MirrorRecord {
    let record = this.#records.get(upstream);
    if (!record) {
      const { history, clock } = this.#options;
      const series = { node: this.name, upstream, kind: 'cached' } as const;
      const now = clock.now();
      record = new MirrorRecord(this.name, upstream, {
        counters: history.counters(this.name),
        samples: [...history.samples({ ...series, from: now - lineRangeMs, to: now })].slice(-recentProbes),
      });
      this.#records.set(upstream, record);
    }
    return record;
  }
}
