import type { Traffic } from '../../../preload/contract/status.ts';

/** The share of requests that were answered from the cache, 0 to 1; undefined before the first request. */
export function hitShare(traffic: Pick<Traffic, 'hits' | 'misses'> | undefined): number | undefined {
  if (!traffic || traffic.hits + traffic.misses === 0) return undefined;
  return traffic.hits / (traffic.hits + traffic.misses);
}

/** Bytes that did not have to come from the upstream; never less than none (a fetch may be ahead of its first client). */
export function savedBytes(traffic: Pick<Traffic, 'servedBytes' | 'fetchedBytes'>): number {
  return Math.max(0, traffic.servedBytes - traffic.fetchedBytes);
}
