import type { UpstreamFound } from './probe.ts';
import type { CachedImageFound } from './machine-facts.ts';

/** A pull that keeps the probe image current is taken at most this often for one mirror, in ms. */
const pullEveryMs = 6 * 60 * 60_000;
/** And only while the upstream leaves more pulls than this to people. */
const pullsReserved = 10;

/** Whether a HEAD by tag through the mirror may be sent: `free`, `pull` (once it costs the upstream's quota one pull), or not now. */
export type Revalidation = 'free' | 'pull' | 'not-now';

/**
 * A mirror answers HEAD by tag by asking its upstream for the tag's digest, which is free, and by fetching that manifest if it is not
 * cached, which is a pull. So it is free only while the cached digest is the upstream's; otherwise it is a pull that is taken seldom, and
 * never while the upstream is not well. Pure.
 */
export function revalidation(facts: {
  readonly now: number;
  readonly image: { readonly repository: string; readonly tag: string };
  readonly cached: CachedImageFound | undefined;
  readonly upstream: UpstreamFound | undefined;
  readonly lastPullAt: number | undefined;
}): Revalidation {
  const { image, cached, upstream } = facts;
  if (upstream?.answer.kind !== 'answered' || upstream.answer.status >= 400) return 'not-now';
  const same = cached?.repository === image.repository && cached.tag === image.tag;
  if (same && cached.manifest === upstream.digest) return 'free';
  const quota = upstream.answer.quota;
  if (quota && quota.remaining <= pullsReserved) return 'not-now';
  return facts.lastPullAt === undefined || facts.now - facts.lastPullAt >= pullEveryMs ? 'pull' : 'not-now';
}
