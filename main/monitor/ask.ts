import { ProblemError } from '../../preload/contract/problem.ts';
import { manifestTypes } from '../hosts/manifest-types.ts';
import { type Exchange, createExchange } from '../hosts/registry-exchange.ts';
import type { TlsIdentity } from '../hosts/registry-client.ts';

/** One HTTP request of a probe. `timeoutMs` bounds it from the first packet to the last byte. */
export interface Question {
  readonly method: 'GET' | 'HEAD';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent for an upstream, which the computer's own authorities vouch for. */
  readonly identity?: TlsIdentity;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Header names are lower-case. `firstByteMs` is the time to the answer's head, `totalMs` to its last byte. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly firstByteMs: number;
  readonly totalMs: number;
}

/** Asks once and follows nothing. Throws a ProblemError for what kept it from an answer; an HTTP error status is an answer. */
export type Ask = (question: Question) => Promise<Answer>;

/** The `accept` header of every question for a manifest. */
export const acceptManifests = manifestTypes.join(', ');

/** No question may take longer than this, whatever it says itself, in ms. */
const longestMs = 30_000;

interface Pool {
  readonly identity: string;
  readonly exchange: Exchange;
  asking: number;
  retired: boolean;
}

/**
 * Asks over connections that stay open between probes, as a container engine's do: one pool for each place and identity. A pool is given
 * up after any failure, so that a connection which died while the computer slept costs one answer and no more; questions that are under
 * way in it end undisturbed.
 */
export class Questions {
  readonly #pools = new Map<string, Pool>();

  /** A connection that was kept open and has died since is noticed only by asking over it: then it is asked once more, over a new one. */
  readonly ask: Ask = async (question) => {
    try {
      return await this.#once(question);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.code !== 'connection-broken') throw error;
      return this.#once(question);
    }
  };

  /** Closes all connections; questions under way still end. */
  close(): void {
    for (const [origin, pool] of this.#pools) this.#retire(origin, pool);
  }

  async #once(question: Question): Promise<Answer> {
    const url = new URL(question.url);
    const pool = this.#pool(url.origin, question.identity);
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new ProblemError(tooLate(url.host, question.timeoutMs))),
      question.timeoutMs,
    );
    pool.asking += 1;
    try {
      const { status, headers, timings, body } = await pool.exchange.send({
        url,
        method: question.method,
        headers: question.headers ?? {},
        signal: AbortSignal.any([question.signal, late.signal]),
      });
      return {
        status,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()])),
        body: body.toString('utf8'),
        firstByteMs: timings.firstByteMs,
        totalMs: timings.totalMs,
      };
    } catch (error) {
      this.#retire(url.origin, pool);
      throw error;
    } finally {
      clearTimeout(timer);
      pool.asking -= 1;
      closeIfDone(pool);
    }
  }

  #pool(origin: string, identity: TlsIdentity | undefined): Pool {
    const who = `${identity?.ca ?? ''}\n${identity?.certificate ?? ''}`;
    const held = this.#pools.get(origin);
    if (held?.identity === who) return held;
    if (held) this.#retire(origin, held);
    const exchange = createExchange({ identity, timeoutMs: longestMs, keepAlive: true });
    const pool: Pool = { identity: who, exchange, asking: 0, retired: false };
    this.#pools.set(origin, pool);
    return pool;
  }

  #retire(origin: string, pool: Pool): void {
    if (this.#pools.get(origin) === pool) this.#pools.delete(origin);
    pool.retired = true;
    closeIfDone(pool);
  }
}

function closeIfDone(pool: Pool): void {
  if (pool.retired && pool.asking === 0) pool.exchange.close();
}

function tooLate(where: string, ms: number) {
  return {
    code: 'timeout',
    message: `${where} did not answer within ${ms / 1000} s.`,
    hint: 'It is asked again by itself.',
    retryable: true,
  };
}
