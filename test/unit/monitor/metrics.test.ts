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

describe('what a mirror prints', () => {
  const countersOf = async (page: string) => {
    const { counters } = await readMetrics(
      (path) => Promise.resolve(path.startsWith('/registry/') ? page : ''),
      ['ghcr.io'],
    );
    return counters.get('ghcr.io');
  };

  it('has not counted yet what it does not print, and says nothing of its start', async () => {
    const found = await countersOf('');
    expect(Object.fromEntries(found?.counted ?? [])).toEqual({ hits: 0, misses: 0, pulledBytes: 0, pushedBytes: 0 });
    expect(found).not.toHaveProperty('startedAt');
  });

  it('is each counter under its own name', async () => {
    const page = ['hits', 'misses', 'pulled_bytes', 'pushed_bytes'].map(
      (name, at) => `registry_proxy_${name}_total ${at + 1}`,
    );
    const found = await countersOf(
      [...page, 'process_start_time_seconds 0', 'registry_proxy_requests_total 9'].join('\n'),
    );
    expect(Object.fromEntries(found?.counted ?? [])).toEqual({ hits: 1, misses: 2, pulledBytes: 3, pushedBytes: 4 });
    expect(found).not.toHaveProperty('startedAt');
  });

  it('is left out where it is no count: a total that took it in would show it for ever', async () => {
    const found = await countersOf(
      'registry_proxy_hits_total NaN\nregistry_proxy_misses_total +Inf\nprocess_start_time_seconds +Inf\n',
    );
    expect(Object.fromEntries(found?.counted ?? [])).toEqual({ pulledBytes: 0, pushedBytes: 0 });
    expect(found).not.toHaveProperty('startedAt');
  });
});

describe('what an edge says', () => {
  it('is asked for in one question that names three statistics, so that the answer is small', async () => {
    const asked: string[] = [];
    const { counters, edge } = await readMetrics(
      (path) => {
        asked.push(path);
        return Promise.resolve(path.startsWith('/stats/') ? edgePage : undefined);
      },
      ['docker.io', 'ghcr.io'],
    );
    expect(asked.toSorted().slice(0, 2)).toEqual(['/registry/docker.io/metrics', '/registry/ghcr.io/metrics']);
    const filter = new RegExp(
      decodeURIComponent(asked.find((path) => path.startsWith('/stats/prometheus?filter='))?.split('=')[1] ?? ''),
    );
    const statistic = (name: string) => filter.test(`cluster.docker_io${name}`);
    expect(
      ['_last.membership_healthy', '_twin.upstream_rq_total', '_first.outlier_detection.ejections_enforced_total'].map(
        statistic,
      ),
    ).toEqual([true, true, true]);
    expect(
      ['_first.membership_healthy', '_twin.upstream_rq_total_more', '_lastXmembership_healthy'].map(statistic),
    ).toEqual([false, false, false]);
    expect([counters.size, edge.size]).toEqual([0, 2]);
  });

  it('is nothing where its answer holds no sample: then no process is called well or not', async () => {
    const { edge } = await readMetrics(() => Promise.resolve('# nothing'), ['docker.io']);
    expect(edge.size).toBe(0);
  });
});

describe('a counter', () => {
  it.each([
    ['begins with what the program shows', undefined, 7, 0, { raw: 7, total: 7, ownLeft: 0 }],
    ['stays where it is while nothing is counted', { raw: 7, total: 100 }, 7, 0, { raw: 7, total: 100, ownLeft: 0 }],
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
    expect(countOn({ raw: 500, total: 900 }, { raw: 600, startedAt: 9_000_000 })).toMatchObject({ total: 1_000 });
  });

  it('takes a start that is told a little otherwise at each reading for the same', () => {
    const last = { raw: 500, total: 900, startedAt: 1_000_000 };
    for (const startedAt of [998_000, 1_002_000])
      expect(countOn(last, { raw: 600, startedAt })).toMatchObject({ total: 1_000 });
    for (const startedAt of [997_999, 1_002_001])
      expect(countOn(last, { raw: 600, startedAt })).toMatchObject({ total: 1_500 });
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
