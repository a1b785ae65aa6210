/** Docker Hub's pull limit: a counter per source. The six-hour window never ends within a lab's life. */
export class PullQuota {
  readonly #remaining = new Map<string, number>();

  /** `source` is an IP address or `account:<user>`. */
  set(source: string, remaining: number): void {
    this.#remaining.set(source, remaining);
  }

  remaining(source: string, limit: number): number {
    return this.#remaining.get(source) ?? limit;
  }

  /** Counts one manifest download; false when none is left. */
  spend(source: string, limit: number): boolean {
    const left = this.remaining(source, limit);
    if (left <= 0) return false;
    this.#remaining.set(source, left - 1);
    return true;
  }
}

/** The headers that Docker Hub adds to answers about manifests. `w` is the window in seconds. */
export function quotaHeaders(limit: number, remaining: number, source: string): Record<string, string> {
  return {
    'ratelimit-limit': `${limit};w=21600`,
    'ratelimit-remaining': `${remaining};w=21600`,
    'docker-ratelimit-source': source,
  };
}
