import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Fault } from './faults.ts';
import { type GateCommand, gateSocket } from './gate-command.ts';
import type { LoggedRequest, RequestFilter } from './request-log.ts';
import type { CutMode } from './tls-door.ts';
import type { UpstreamName } from './upstreams.ts';

/** Commands a running gate through its socket; works from every process that sees the file, whatever its network. */
export class GateClient {
  readonly #socketPath: string;

  constructor(dir: string) {
    this.#socketPath = join(dir, gateSocket);
  }

  /** Faults add up; of several that fit a request the oldest strikes. */
  async fault(upstream: UpstreamName, fault: Fault): Promise<void> {
    await this.#ask({ ask: 'fault', upstream, fault });
  }

  /** Ends faults: one upstream's or all. Cuts end by {@link restore}. */
  async clear(upstream?: UpstreamName): Promise<void> {
    await this.#ask({ ask: 'clear', upstream });
  }

  /** The requests that arrived, oldest first, also those still running. */
  async requests(filter: RequestFilter = {}): Promise<readonly LoggedRequest[]> {
    return JSON.parse(await this.#ask({ ask: 'requests', filter })) as readonly LoggedRequest[];
  }

  async resetRequests(): Promise<void> {
    await this.#ask({ ask: 'reset requests' });
  }

  /** Manifest downloads left on Docker Hub for an address, or for `account:<user>`. */
  async setQuota(source: string, remaining: number): Promise<void> {
    await this.#ask({ ask: 'set quota', source, remaining });
  }

  /** Creates an account or changes its password. */
  async setAccount(upstream: UpstreamName, user: string, password: string): Promise<void> {
    await this.#ask({ ask: 'set account', upstream, user, password });
  }

  /** Makes an upstream unreachable on all its names, as if its route were gone; ends its connections. */
  async cut(upstream: UpstreamName, mode: CutMode = 'reset'): Promise<void> {
    await this.#ask({ ask: 'cut', upstream, mode });
  }

  /** Undoes {@link cut}: for one upstream or all. */
  async restore(upstream?: UpstreamName): Promise<void> {
    await this.#ask({ ask: 'restore', upstream });
  }

  async #ask(command: GateCommand): Promise<string> {
    const request = httpRequest({ socketPath: this.#socketPath, method: 'POST', agent: false });
    request.end(JSON.stringify(command));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const answer = await text(response);
    if (response.statusCode !== 200) throw new Error(`the gate refused "${command.ask}": ${answer}`);
    return answer;
  }
}
