import { Buffer } from 'node:buffer';
import { type Duplex, duplexPair } from 'node:stream';
import type { World } from '../../main/app.ts';
import { edgeClusters } from '../../main/fleet/edge-names.ts';
import { storageName } from '../../main/fleet/node-layout.ts';
import { catalogue } from '../../main/fleet/upstreams.ts';
import type { Host } from '../../main/hosts/host.ts';
import type { Answer, Question } from '../../main/monitor/ask.ts';
import type { NodeSpec } from '../../preload/contract/node.ts';
import { ProblemError } from '../../preload/contract/problem.ts';
import { chanceOf, digestOf } from '../pages/world/chance.ts';
import type { TurnedClock } from '../unit/monitor/turned-clock.ts';

/** The six that Mirrorfleet knows and two that a person named. */
export const upstreams: readonly string[] = [
  ...catalogue.map(({ id }) => id),
  'registry.example:5000',
  'packages.example',
];

export const specOf = (name: string): NodeSpec => ({
  name,
  kind: 'ssh',
  target: { destination: `root@${name}.example` },
  upstreams: [...upstreams],
  address: `${name}.example`,
  port: 443,
});

const failed = (code: string) => new ProblemError({ code, message: 'No.', hint: 'None.', retryable: true });

/**
 * Edges, upstreams and machines that answer by chance: mostly well, at times late, refusing, hanging or out of quota, with digests that
 * change and counters that grow and begin anew. `hears` is called with each question.
 */
export function playedFleet(clock: TurnedClock, seed: string, hears: () => void): World {
  const chance = chanceOf(seed);
  const ask = async (question: Question): Promise<Answer> => {
    hears();
    const draw = chance();
    const ms = 3 + 200 * chance() ** 4;
    await rings(clock, draw < 0.01 ? question.timeoutMs : ms, question.signal);
    if (draw < 0.01) throw failed('timeout');
    if (draw < 0.02) throw failed('connection-broken');
    const status = draw < 0.03 ? 502 : draw < 0.04 ? 429 : 200;
    const [, path = ''] = /^https:\/\/[^/]+(.*)$/.exec(question.url) ?? [];
    return {
      status,
      headers: {
        'x-envoy-upstream-service-time': '1',
        'docker-content-digest': digestOf(`${path.split('/')[3] ?? ''} ${Math.floor(clock.now() / 1_800_000)}`),
        'content-length': '1024',
        ...(draw > 0.5 && {
          'ratelimit-limit': '100;w=21600',
          'ratelimit-remaining': `${Math.floor(draw * 100)};w=21600`,
        }),
      },
      body: question.method === 'GET' ? 'x'.repeat(Math.floor(chance() * 2000)) : '',
      firstByteMs: ms,
      totalMs: ms + 1,
    };
  };
  return {
    clock,
    ask,
    random: chance,
    networks: () => 'home',
    readCertificateDays: () => Promise.resolve(90),
    connect: ({ name }) =>
      chance() < 0.02 ? Promise.reject(failed('host-unreachable')) : Promise.resolve(playedHost(name, chance, clock)),
  };
}

/** Waits on the turned clock; an aborted question ends at once. */
function rings(clock: TurnedClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancel();
      reject(failed('cancelled'));
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** A machine that is only asked: facts, sizes and versions as its scripts would print them, and metrics on its loopback. */
function playedHost(name: string, chance: () => number, clock: TurnedClock): Host {
  const refuse = (): Promise<never> => Promise.reject(failed('permission-denied'));
  const served = new Map<string, number>();
  return {
    name,
    roundTrips: 0,
    run({ input }) {
      const script = typeof input === 'string' ? input : '';
      return Promise.resolve({ code: 0, stdout: printed(script, chance, clock.now()), stderr: '' });
    },
    readFile: () => Promise.resolve(undefined),
    replaceFile: refuse,
    removeFile: refuse,
    connect: () => Promise.resolve(metricsPort(served, chance)),
    close: () => Promise.resolve(),
  };
}

function printed(script: string, chance: () => number, now: number): string {
  if (script.includes("'cached")) {
    const cached = upstreams.map((each) => {
      const { repository, tag } = catalogue.find(({ id }) => id === each)?.probe ?? { repository: 'app', tag: 'v1' };
      const manifest = digestOf(`${each} ${Math.floor(now / 1_800_000)}`);
      return ['cached', storageName(each), repository, tag, manifest, digestOf(`blob ${each}`)].join('\t');
    });
    return ['disk\t100000000000\t50000000000', 'inodes\t1000000\t900000', ...cached].join('\n');
  }
  if (script.includes("'store")) {
    const sizes = upstreams.map((each) => `upstream\t${storageName(each)}\t${Math.floor(chance() * 1e9)}`);
    return [`total\t${Math.floor(chance() * 1e10)}`, ...sizes].join('\n');
  }
  const changed = chance() < 0.3 ? `file\t${'a'.repeat(64)}\t${'b'.repeat(64)}\tcompose.yaml` : '';
  return ['program\tdocker\t26.1.5', changed, 'compared'].join('\n');
}

/** One connection to a node's metrics port: answers one GET and closes, as Envoy does when asked to. */
function metricsPort(served: Map<string, number>, chance: () => number): Duplex {
  const [ours, theirs] = duplexPair();
  let asked = '';
  theirs.on('error', () => {});
  theirs.on('data', (chunk: Buffer) => {
    asked += chunk.toString();
    if (!asked.includes('\r\n\r\n')) return;
    const path = asked.split(' ')[1] ?? '';
    const count = (served.get(path) ?? 0) + Math.floor(chance() * 50);
    // At times a program starts again and counts from nothing.
    served.set(path, chance() < 0.02 ? 0 : count);
    const body = path.startsWith('/registry/') ? registryPage(count) : edgePage(count);
    theirs.end(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  });
  return ours;
}

const registryPage = (count: number): string =>
  [
    `registry_proxy_hits_total{type="manifest"} ${count}`,
    `registry_proxy_misses_total{type="manifest"} ${Math.floor(count / 3)}`,
    `registry_proxy_pushed_bytes_total{type="blob"} ${count * 1024}`,
    `registry_proxy_pulled_bytes_total{type="blob"} ${count * 512}`,
    ...Array.from({ length: 100 }, (_, at) => `go_other_${at} ${count}`),
  ].join('\n');

const edgePage = (count: number): string =>
  upstreams
    .flatMap((each) => {
      const { first, twin, last } = edgeClusters(each);
      return [
        `envoy_cluster_membership_healthy{envoy_cluster_name="${last}"} 1`,
        `envoy_cluster_upstream_rq_total{envoy_cluster_name="${twin}"} ${count}`,
        `envoy_cluster_outlier_detection_ejections_enforced_total{envoy_cluster_name="${first}"} ${count % 5}`,
      ];
    })
    .join('\n');
