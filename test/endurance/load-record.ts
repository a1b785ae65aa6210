import type { EdgeLogLine } from '../../main/fleet/edge-log.ts';
import { upstreamOf } from '../../main/fleet/upstreams.ts';
import type { PullFailure } from './load-client.ts';
import { type Window, touches } from './weather.ts';

/** A pull that failed; `cached` says whether the node had all of it before the pull began. Times in milliseconds since 1970. */
interface Failure {
  readonly puller: string;
  readonly image: string;
  readonly upstream: string;
  readonly began: number;
  readonly ended: number;
  readonly cached: boolean;
  readonly kind: PullFailure['kind'] | 'engine';
  readonly status: number;
  readonly id: string;
  readonly words: string;
}

/** A body that broke off in a pull, and was resumed. */
interface Interruption {
  readonly upstream: string;
  readonly began: number;
  readonly at: number;
  readonly why: string;
  readonly id: string;
}

interface WholePull {
  readonly puller: string;
  readonly upstream: string;
  readonly bytes: number;
  readonly began: number;
  readonly ended: number;
}

interface Operation {
  readonly name: string;
  readonly began: number;
  readonly ended: number;
  readonly problem?: string;
}

/** What the operation is called that gives the laptop a new key. */
export const renewal = 'client certificate renewed';

/** All that happened in a run under load, and what of it the upstreams are to blame for. */
export class LoadRecord {
  readonly begin = Date.now();
  readonly pulls: WholePull[] = [];
  readonly failures: Failure[] = [];
  readonly interruptions: Interruption[] = [];
  readonly operations: Operation[] = [];
  readonly memory: string[] = [];
  readonly #faults: readonly Window[];
  readonly #crashes: readonly Window[];
  readonly #log: readonly EdgeLogLine[];

  constructor(faults: readonly Window[], crashes: readonly Window[], log: readonly EdgeLogLine[]) {
    this.#faults = faults;
    this.#crashes = crashes;
    this.#log = log;
  }

  /** An error is the upstream's only where a fault of it was on during the pull and the image was not cached; wrong bytes never are. */
  isExcused(failure: Failure): boolean {
    if (failure.cached || failure.kind === 'wrong digest' || failure.kind === 'wrong range') return false;
    return this.#faults.some((fault) => touches(fault, failure.upstream, failure.began, failure.ended));
  }

  /**
   * Engines read a certificate and its key as two files, at each pull: one that begins between the two renames of a switch that renews
   * them finds a pair that does not fit, and says so. Nothing in the product renews a key while others pull; here a test makes it.
   */
  isHalfRenewed({ kind, words, began, ended }: Failure): boolean {
    return (
      kind === 'engine' && words.includes('private key does not match public key') && this.#whileRenewed(began, ended)
    );
  }

  /**
   * The switch that renews them proves itself by an image and takes it away again. Docker takes an image's last name and then every name that
   * it has by then (Moby's image_delete.go), so its pull of the very same image, ended in between, loses its own.
   */
  isTakenByProof({ puller, image, words, began, ended }: Failure): boolean {
    return (
      puller === 'docker' &&
      image === `docker.io/${upstreamOf('docker.io').probe.repository}` &&
      words.includes('No such image') &&
      this.#whileRenewed(began, ended)
    );
  }

  #whileRenewed(began: number, ended: number): boolean {
    return this.operations.some((each) => each.name === renewal && each.began <= ended && each.ended >= began);
  }

  guilty(): readonly Failure[] {
    return this.failures.filter(
      (failure) => !this.isExcused(failure) && !this.isHalfRenewed(failure) && !this.isTakenByProof(failure),
    );
  }

  /** Bodies that broke off where neither the upstream had a fault nor the mirror fell that was sending them. */
  unexplained(): readonly Interruption[] {
    const windows = [...this.#faults, ...this.#crashes];
    return this.interruptions.filter(
      ({ upstream, began, at }) => !windows.some((window) => touches(window, upstream, began, at)),
    );
  }

  /** The edge's answers of 500 and more while their upstream had no fault. */
  faultlessErrors(): readonly EdgeLogLine[] {
    return this.#log.filter(({ status, time, duration, upstream }) => {
      const began = Date.parse(time);
      const ended = began + (duration ?? 0);
      return status >= 500 && !this.#faults.some((fault) => touches(fault, upstream ?? '', began, ended));
    });
  }

  /** Pulls that came whole while their upstream had a fault. */
  throughFaults(): readonly WholePull[] {
    return this.pulls.filter(({ upstream, began, ended }) =>
      this.#faults.some((fault) => touches(fault, upstream, began, ended)),
    );
  }

  report(): string {
    const seconds = (Date.now() - this.begin) / 1000;
    const bytes = this.pulls.reduce((sum, each) => sum + each.bytes, 0);
    const megabytes = (bytes / 1e6).toFixed(0);
    const times = this.pulls.map(({ began, ended }) => ended - began).toSorted((a, b) => a - b);
    const below = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
    const clock = (at: number): string => `${((at - this.begin) / 1000).toFixed(1)} s`;
    const span = (from: number, to = Date.now()): string => `${clock(from)} to ${clock(to)}`;
    const excused = this.failures.filter((failure) => this.isExcused(failure));
    const slowest = this.pulls.toSorted((a, b) => b.ended - b.began - (a.ended - a.began)).slice(0, 3);
    const guilty = this.guilty();
    const unexplained = this.unexplained();
    const told = new Set([...guilty, ...unexplained].map(({ id }) => id));
    return [
      `${this.pulls.length} pulls in ${seconds.toFixed(0)} s, ${(this.pulls.length / seconds).toFixed(1)} a second; ${megabytes} MB, ${(bytes / 1e6 / seconds).toFixed(1)} MB a second`,
      `a pull took p50 ${below(0.5)} ms, p99 ${below(0.99)} ms, at most ${times.at(-1)} ms`,
      ...slowest.map((each) => `  slow: ${each.puller} ${each.upstream} ${span(each.began, each.ended)}`),
      `pulls by ${count(this.pulls.map(({ puller }) => puller.replace(/client .*/, 'light clients')))}`,
      `answers of the edge: ${count(this.#log.map(({ status }) => String(status)))}`,
      `faults of upstreams: ${count(this.#faults.map(({ what }) => what))}; ${this.throughFaults().length} pulls came through one, ${excused.length} failed by one (${count(excused.map(({ kind, status }) => `${kind} ${status}`))})`,
      `pulls of an engine that met half of a renewed pair: ${this.failures.filter((failure) => this.isHalfRenewed(failure)).length}`,
      `pulls of Docker whose image a proof took away: ${this.failures.filter((failure) => this.isTakenByProof(failure)).length}`,
      `bodies that broke off and were resumed: ${this.interruptions.length}`,
      `done to the node: ${count(this.operations.map(({ name }) => name))}`,
      ...this.memory,
      ...[...this.#faults, ...this.#crashes].map(
        ({ what, where, from, to }) => `  ${where} ${what}, ${span(from, to)}`,
      ),
      ...this.operations.map(({ name, began, ended, problem = '' }) => `  ${name}, ${span(began, ended)} ${problem}`),
      ...guilty.map((each) => `FAILED ${span(each.began, each.ended)} ${JSON.stringify(each)}`),
      ...unexplained.map((each) => `BROKE OFF ${span(each.began, each.at)} ${JSON.stringify(each)}`),
      ...this.#log.filter(({ id }) => told.has(id)).map((line) => `  ${JSON.stringify(line)}`),
      ...this.faultlessErrors().map((line) => `ANSWERED ${clock(Date.parse(line.time))} ${JSON.stringify(line)}`),
    ].join('\n');
  }
}

function count(names: readonly string[]): string {
  return [...Map.groupBy(names, (name) => name)].map(([name, all]) => `${name} ${all.length}`).join(', ') || 'none';
}
