import type { KnownHost, NodeDetail, Plan, Preflight } from '../../../preload/contract/node.ts';
import { upstreams } from './fleet.ts';

export const knownHosts: KnownHost[] = [
  { alias: 'tokyo', hostName: '203.0.113.11', user: 'root' },
  { alias: 'vps-2', hostName: '203.0.113.12', user: 'ops', port: 2222 },
  { alias: 'pi', hostName: 'pi.local', user: 'pi' },
  { alias: 'bastion' },
];

const ok = (id: string, label: string, found: string, code?: string) => ({
  id,
  label,
  state: 'ok' as const,
  found,
  ...(code === undefined ? {} : { saying: { code } }),
});

export function preflight(node: string, failing = false, sudo?: 'needed' | 'wrong'): Preflight {
  return {
    node,
    checks: [
      ok('system', 'System', 'Debian GNU/Linux 13 (trixie), x86_64'),
      sudo === undefined
        ? ok('rights', 'Rights', 'root')
        : {
            id: 'rights',
            label: 'Rights',
            state: 'failed',
            found: 'no',
            saying: { code: 'no-rights' },
            problem: {
              code: `sudo-password-${sudo}`,
              message: `sudo of ops on ${node} asks for a password. Nothing was changed.`,
              hint: 'Give the sudo password, or allow this user sudo without one (NOPASSWD).',
              retryable: false,
            },
          },
      failing
        ? {
            id: 'memory',
            label: 'Memory',
            state: 'warning',
            found: '0.7 GB, 1 CPU',
            saying: { code: 'memory-and-cpus', values: { memoryBytes: 700_000_000, cpus: 1 } },
            problem: {
              code: 'memory-tight',
              message: 'With 0.7 GB of memory the node runs, but many pulls at once may exhaust it.',
              hint: 'Serve fewer upstreams or add a swap file.',
              retryable: false,
            },
          }
        : {
            ...ok('memory', 'Memory', '2.1 GB, 2 CPUs'),
            saying: { code: 'memory-and-cpus', values: { memoryBytes: 2_100_000_000, cpus: 2 } },
          },
      {
        ...ok('disk', 'Disk', '31.0 GB free of 40.0 GB (/opt)'),
        saying: { code: 'disk-free-of', values: { freeBytes: 31e9, totalBytes: 40e9, place: '/opt' } },
      },
      failing
        ? {
            id: 'engine',
            label: 'Engine',
            state: 'failed',
            found: 'none',
            saying: { code: 'none-found' },
            problem: {
              code: 'engine-missing',
              message: 'There is no Docker on this machine. Nothing was changed.',
              hint: 'Let Mirrorfleet install it from the system’s own packages, or install it yourself.',
              retryable: false,
            },
          }
        : ok('engine', 'Engine', 'Docker 26.1.5+dfsg1'),
      ok('port', 'Port 443', 'free', 'port-free'),
      ok('clock', 'Clock', 'agrees', 'clock-agrees'),
      ...upstreams.map((upstream) => ok(`upstream:${upstream}`, upstream, 'reachable', 'reachable')),
    ],
  };
}

export function plan(node: string): Plan {
  const step = (id: string, resource: string, action: Plan['steps'][number]['action'], code: string) => ({
    id,
    resource,
    action,
    because: { code },
    interrupts: false,
  });
  return {
    node,
    hash: 'a1b2c3d4',
    roundTrips: 2,
    warnings: [],
    steps: [
      step('directory:registry', 'directory registry', 'create', 'no-such-directory'),
      step('directory:envoy', 'directory envoy', 'create', 'no-such-directory'),
      {
        ...step('image:registry', 'image docker.io/library/registry:3.1.1', 'pull', 'image-missing'),
        bytes: 18_700_000,
      },
      {
        ...step('file:compose.yaml', 'file compose.yaml', 'create', 'no-such-file'),
        bytes: 5000,
        diff: '--- /dev/null\n+++ b/compose.yaml\n@@ -0,0 +1,4 @@\n+# A mirror of docker.io, ghcr.io, quay.io, gcr.io, registry.k8s.io.\n+name: mirrorfleet\n+services:\n+  mirror-docker.io:\n',
      },
      ...upstreams.map((upstream) =>
        step(`service:${upstream}`, `service mirror-${upstream}`, 'start', 'no-container'),
      ),
      { ...step('service:envoy', 'service envoy', 'restart', 'other-image-runs'), interrupts: true },
      step('verify', `node ${node}`, 'verify', 'verify-from-here'),
    ],
  };
}

export function detail(name: string, now: number, applied = true): NodeDetail {
  return {
    spec: {
      name,
      kind: 'ssh',
      target: { destination: `root@${name}.example` },
      upstreams: [...upstreams],
      address: '203.0.113.11',
      port: 443,
      base: '/opt/mirrorfleet',
    },
    ...(applied ? { appliedAt: now - 12 * 86_400_000 } : {}),
    shell: `ssh root@${name}.example`,
    images: applied
      ? {
          registry:
            'docker.io/library/registry@sha256:1be55279f18a2fe1a74edf2664cac61c1bea305b7b4642dab412e7affdc3e633',
          envoy: 'docker.io/envoyproxy/envoy@sha256:8f5ae2d8f0c1f2a1ce1d0a0cf3a7e0f64c55c4f9a9c1e0cbbd7b1f4f9b0a7e21',
        }
      : {},
    access: applied ? [{ name: 'dev@laptop', notAfter: now + 340 * 86_400_000 }] : [],
  };
}
