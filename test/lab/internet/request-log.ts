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
export type OpenRequest = { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] };

/** Every given property must fit. */
export interface RequestFilter {
  readonly upstream?: UpstreamName;
  readonly kind?: RequestKind;
  readonly repository?: string;
  readonly method?: string;
  readonly from?: string;
  readonly status?: number;
  readonly pathIncludes?: string;
}

const limit = 50_000;

export class RequestLog {
  #requests: OpenRequest[] = [];

  open(first: Omit<OpenRequest, 'at' | 'status' | 'bytes'>): OpenRequest {
    const request: OpenRequest = { at: Date.now(), status: 0, bytes: 0, ...first };
    this.#requests.push(request);
    if (this.#requests.length > limit) this.#requests.splice(0, limit / 10);
    return request;
  }

  matching(filter: RequestFilter): readonly LoggedRequest[] {
    const { pathIncludes, ...exact } = filter;
    return this.#requests.filter(
      (request) =>
        (pathIncludes === undefined || request.path.includes(pathIncludes)) &&
        Object.entries({ ...request, ...exact }).every(([name, value]) => Reflect.get(request, name) === value),
    );
  }

  reset(): void {
    this.#requests = [];
  }
}
