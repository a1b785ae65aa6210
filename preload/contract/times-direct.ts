import type { MirrorView } from './status.ts';

/** How many times faster a cached manifest comes than from the upstream directly, both asked from this computer; undefined without both. */
export function timesDirect(view: Pick<MirrorView, 'cached' | 'direct'>): number | undefined {
  const [mirror, direct] = [view.cached?.manifestMs, view.direct?.manifestMs];
  return mirror === undefined || direct === undefined || mirror === 0 ? undefined : direct / mirror;
}
