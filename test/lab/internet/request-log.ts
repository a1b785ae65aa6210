import type { ServerResponse } from 'node:http';
import type { RequestKind } from './request-kind.ts';
import type { UpstreamName } from './upstreams.ts';

/** One request that reached an upstream. Entries appear at arrival and are completed while it is answered. */
export interface LoggedRequest {
  /** Arrival, milliseconds since 1970. */
  readonly at: number;
  readonly upstream: UpstreamName;
  readonly host: string;
  readonly kind: RequestKind;
  readonly repository?: string | undefined;
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly from: string;
  readonly userAgent: string;
  readonly account?: string | undefined;
  /** 0 while unanswered, and for ever if the connection ended first. */
  readonly status: number;
  /** Bytes of the body sent so far. */
  readonly bytes: number;
  /** Until the answer was complete or the connection gone; absent while it runs. */
  readonly milliseconds?: number;
  /** The fault that struck. */
  readonly fault?: string;
}

/** The gate's own handle on an entry. */
export interface OpenRequest extends LoggedRequest {
  account?: string | undefined;
  bytes: number;
  milliseconds?: number;
  fault?: string;
}

type Arrival = Pick<
  LoggedRequest,
  'upstream' | 'host' | 'kind' | 'repository' | 'method' | 'path' | 'from' | 'userAgent'
>;

/** Every given property must fit. */
export interface RequestFilter {
  readonly upstream?: UpstreamName;
  readonly kind?: RequestKind;
  readonly repository?: string;
  readonly method?: string;
  readonly from?: string;
  readonly status?: number;
  /** The kind of the fault that struck. */
  readonly fault?: string;
  readonly pathIncludes?: string;
}

const limit = 50_000;

export class RequestLog {
  #requests: OpenRequest[] = [];

  open(arrival: Arrival, response: ServerResponse): OpenRequest {
    const at = Date.now();
    const request: OpenRequest = {
      at,
      bytes: 0,
      ...arrival,
      get status() {
        return response.headersSent ? response.statusCode : 0;
      },
    };
    response.once('close', () => {
      request.milliseconds = Date.now() - at;
    });
    this.#requests.push(request);
    if (this.#requests.length > limit) this.#requests.splice(0, limit / 10);
    return request;
  }

  matching({ pathIncludes = '', ...exact }: RequestFilter): readonly LoggedRequest[] {
    const wanted = Object.entries(exact).filter(([, value]) => value !== undefined);
    return this.#requests.filter(
      (request) =>
        request.path.includes(pathIncludes) && wanted.every(([name, value]) => Reflect.get(request, name) === value),
    );
  }

  reset(): void {
    this.#requests = [];
  }
}
