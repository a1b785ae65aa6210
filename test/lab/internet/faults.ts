import type { RequestKind } from './request-kind.ts';
import type { UpstreamName } from './upstreams.ts';

/** What goes wrong. `cut`, `slow` and `wrong bytes` spoil the body of an otherwise good answer to a GET. */
export type FaultAction =
  /** Answers with the status and the registry error that belongs to it. */
  | { readonly kind: 'status'; readonly status: 401 | 403 | 404 | 429 | 500 | 503 }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Closes the connection instead of answering. For refused connections see the gate's `cut`. */
  | { readonly kind: 'close' }
  /** Announces the full length, sends this many bytes of the body and closes the connection. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** Waits before a good answer. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** 200 and a web page, as captive portals and broken proxies do. */
  | { readonly kind: 'html' }
  /** The right length and headers, the first byte of the body changed: the digest does not fit. */
  | { readonly kind: 'wrong bytes' };

/** A fault and when it strikes; without limits always. Of several that fit, the oldest strikes. */
export type Fault = FaultAction & {
  readonly on?: RequestKind | 'all';
  /** Only requests for this repository, e.g. `library/nginx`. */
  readonly repository?: string;
  readonly method?: 'GET' | 'HEAD';
  /** Strikes this often, then is gone. */
  readonly times?: number;
};

export interface FaultTarget {
  readonly kind: RequestKind;
  readonly method: string;
  readonly repository?: string | undefined;
  /** False for an answer that only redirects: there is no body to spoil. */
  readonly hasBody: boolean;
}

/** The faults in force, per upstream. */
export class FaultBox {
  readonly #faults = new Map<UpstreamName, { fault: Fault; left: number }[]>();

  add(upstream: UpstreamName, fault: Fault): void {
    const faults = this.#faults.get(upstream) ?? [];
    this.#faults.set(upstream, [...faults, { fault, left: fault.times ?? Number.POSITIVE_INFINITY }]);
  }

  /** Without an upstream: all of them. */
  clear(upstream?: UpstreamName): void {
    if (upstream === undefined) this.#faults.clear();
    else this.#faults.delete(upstream);
  }

  /** The fault that strikes this request, if any; counts it. */
  take(upstream: UpstreamName, target: FaultTarget): Fault | undefined {
    const hit = this.#faults.get(upstream)?.find(({ fault, left }) => left > 0 && fits(fault, target));
    if (hit === undefined) return undefined;
    hit.left -= 1;
    return hit.fault;
  }
}

function fits(fault: Fault, target: FaultTarget): boolean {
  const on = fault.on ?? 'all';
  if (on !== 'all' && on !== target.kind) return false;
  if (fault.repository !== undefined && fault.repository !== target.repository) return false;
  if (fault.method !== undefined && fault.method !== target.method) return false;
  const spoilsBody = fault.kind === 'cut' || fault.kind === 'slow' || fault.kind === 'wrong bytes';
  return !spoilsBody || (target.method === 'GET' && target.hasBody);
}
