import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countOn, readMetrics } from '../../../main/monitor/metrics.ts';

const registryPage = (hits: number) => `registry_proxy_hits_total{type="blob"} ${hits}
registry_proxy_hits_total{type="manifest"} 3
registry_proxy_misses_total{type="blob"} 2
registry_proxy_pulled_bytes_total{type="blob"} 1.048576e+06
process_start_time_seconds 1.7956e+09
`;
const edgePage = `envoy_cluster_membership_healthy{envoy_cluster_name="docker_io_last"} 1
envoy_cluster_membership_healthy{envoy_cluster_name="ghcr_io_last"} 0
envoy_cluster_upstream_rq_total{envoy_cluster_name="docker_io_twin"} 7
envoy_cluster_outlier_detection_ejections_enforced_total{envoy_cluster_name="docker_io_first"} 2
`;

describe('what a node counts', () => {
  it('is read for every mirror and from the edge', async () => {
    const pages: Record<string, string> = {
      '/registry/docker.io/metrics': registryPage(12),
      '/registry/registry.example_5000/metrics': registryPage(1),
    };
    const found = await readMetrics(
      (path) => Promise.resolve(path.startsWith('/stats/prometheus?') ? edgePage : pages[path]),
      ['docker.io', 'ghcr.io', 'registry.example:5000'],
    );
    expect(Object.fromEntries(found.counters.get('docker.io')?.counted ?? [])).toEqual({
      hits: 15,
      misses: 2,
      pulledBytes: 1_048_576,
      pushedBytes: 0,
    });
    expect(found.counters.get('docker.io')?.startedAt).toBe(1_795_600_000_000);
    expect([...found.counters.keys()].toSorted()).toEqual(['docker.io', 'registry.example:5000']);
    expect(found.edge.get('docker.io')).toEqual({ processAnswers: true, offlineRequests: 7, ejections: 2 });
    expect(found.edge.get('ghcr.io')).toEqual({ processAnswers: false, offlineRequests: 0, ejections: 0 });
    expect(found.edge.get('registry.example:5000')).toEqual({ offlineRequests: 0, ejections: 0 });
  });

  it('is nothing, and no error, where no program answers', async () => {
    const found = await readMetrics(() => Promise.resolve(undefined), ['docker.io']);
    expect([found.counters.size, found.edge.size]).toEqual([0, 0]);
  });
});

describe('a counter', () => {
  it.each([
    ['begins with what the program shows', undefined, 7, 0, { raw: 7, total: 7, ownLeft: 0 }],
    ['grows by the difference', { raw: 7, total: 100 }, 9, 0, { raw: 9, total: 102, ownLeft: 0 }],
    [
      'takes all as new after a restart of the program',
      { raw: 7, total: 100 },
      2,
      0,
      { raw: 2, total: 102, ownLeft: 0 },
    ],
    ['leaves our own requests out', { raw: 7, total: 100 }, 12, 3, { raw: 12, total: 102, ownLeft: 0 }],
    ['keeps own requests that were not counted yet', { raw: 7, total: 100 }, 8, 3, { raw: 8, total: 100, ownLeft: 2 }],
  ])('%s', (_, last, raw, own, expected) => {
    expect(countOn(last, { raw }, own)).toEqual(expected);
  });

  it('takes all as new when the program began anew, however far it has counted since', () => {
    const last = { raw: 500, total: 900, startedAt: 1_000_000 };
    expect(countOn(last, { raw: 600, startedAt: 9_000_000 })).toMatchObject({ total: 1_500 });
    expect(countOn(last, { raw: 600, startedAt: 1_000_400 })).toMatchObject({ total: 1_000 });
    expect(countOn(last, { raw: 600 })).toMatchObject({ total: 1_000 });
  });

  it('never falls, however often programs restart', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1000), fc.nat(10))), (readings) => {
        let last: { raw: number; total: number } | undefined;
        for (const [raw, own] of readings) {
          const next = countOn(last, { raw }, own);
          expect(next.total).toBeGreaterThanOrEqual(last?.total ?? 0);
          last = next;
        }
      }),
    );
  });
});
