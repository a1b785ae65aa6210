import type { RuntimeView, SwitchPreview } from '../../../preload/contract/runtime.ts';

/** Docker that pulls through `route`, proven two minutes ago. */
export function docker(
  now: number,
  route: readonly string[] = ['tokyo'],
  changed: Partial<RuntimeView> = {},
): RuntimeView {
  const [first] = route;
  return {
    id: 'docker',
    engine: 'Docker Engine',
    state: 'found',
    version: '20.10.24',
    store: 'classic',
    file: '/etc/docker/daemon.json',
    route: [...route],
    mirrors: route.map((_, at) => `https://203.0.113.${11 + at}`),
    ...(first === undefined
      ? {}
      : {
          proof: {
            at: now - 120_000,
            node: first,
            image: 'docker.io/library/alpine:3.20',
            requestId: '6b2c9f1e-71c6-4b53-9c8e-0f5a4f3c2d11',
            certificate: 'dev@laptop',
            requests: 4,
          },
        }),
    ...changed,
  };
}

export function containerd(route: readonly string[] = []): RuntimeView {
  return {
    id: 'containerd',
    engine: 'containerd',
    state: 'found',
    version: '1.6.20',
    file: '/etc/containerd/certs.d',
    route: [...route],
    mirrors: [],
    abilities: [
      { code: 'containerd-every-upstream' },
      { code: 'containerd-cri-only' },
      { code: 'containerd-never-restarts' },
    ],
  };
}

export function podman(): RuntimeView {
  return { id: 'podman', engine: 'Podman', state: 'absent', mirrors: [] };
}

/** Podman that follows a node and has a file it cannot read. */
export function brokenPodman(): RuntimeView {
  return {
    ...podman(),
    state: 'found',
    file: '/home/dev/.config/containers/registries.conf.d/zz-mirrorfleet.conf',
    route: ['tokyo'],
    abilities: [{ code: 'podman-every-upstream' }, { code: 'podman-of-this-user' }],
    problem: {
      code: 'podman-does-not-work',
      message: 'podman is there but does not work: toml: line 3: expected value but found end. Nothing was changed.',
      hint: 'Try "podman info" by hand: most often one of its configuration files is broken, or it is older than 4.0.',
      retryable: true,
      detail: { podman: 'Error: loading registries configuration: toml: line 3: expected value but found end' },
    },
  };
}

/** Docker with a mirror of the user's own, which is no route of ours. */
export function foreignDocker(now: number): RuntimeView {
  const { route: _route, proof: _proof, ...rest } = docker(now);
  return { ...rest, mirrors: ['https://mirror.company.example'] };
}

export function deniedDocker(now: number): RuntimeView {
  const { proof: _proof, version: _version, ...rest } = docker(now, []);
  return {
    ...rest,
    state: 'needs-permission',
    problem: {
      code: 'docker-needs-permission',
      message: 'The Docker socket /var/run/docker.sock does not let dev in; nothing was read.',
      hint: 'Join the group docker, then log in again: sudo usermod -aG docker dev',
      retryable: false,
    },
  };
}

export function switchPreview(runtime: SwitchPreview['runtime'], route: readonly string[]): SwitchPreview {
  const preview = { runtime, route: [...route], restarts: [], needsPrivilege: true, nothingToDo: false };
  if (runtime === 'containerd')
    return {
      ...preview,
      changes: [
        {
          path: '/etc/containerd/certs.d/203.0.113.11/ca.crt',
          action: 'create',
          diff: '--- /dev/null\n+++ /etc/containerd/certs.d/203.0.113.11/ca.crt\n@@ -0,0 +1,3 @@\n+-----BEGIN CERTIFICATE-----\n+MIIBtjCCAVugAwIBAgIUc3RhZ2U\n+-----END CERTIFICATE-----\n',
        },
        {
          path: '/etc/containerd/certs.d/ghcr.io/hosts.toml',
          action: 'create',
          diff: `--- /dev/null\n+++ /etc/containerd/certs.d/ghcr.io/hosts.toml\n@@ -0,0 +1,8 @@\n+# Written by Mirrorfleet: pulls of ghcr.io try ${route.join(', then ')} first, then the registry itself.\n+# "mirrorfleet switch containerd direct" takes this file away.\n+\n+server = "https://ghcr.io"\n+\n+[host."https://203.0.113.11"]\n+  capabilities = ["pull", "resolve"]\n+  ca = "/etc/containerd/certs.d/203.0.113.11/ca.crt"\n`,
        },
      ],
      activation: { code: 'containerd-reads-at-every-pull' },
      warnings: [],
    };
  return {
    ...preview,
    changes: [
      {
        path: '/etc/docker/certs.d/203.0.113.11/ca.crt',
        action: 'create',
        diff: '--- /dev/null\n+++ /etc/docker/certs.d/203.0.113.11/ca.crt\n@@ -0,0 +1,3 @@\n+-----BEGIN CERTIFICATE-----\n+MIIBtjCCAVugAwIBAgIUc3RhZ2U\n+-----END CERTIFICATE-----\n',
      },
      {
        path: '/etc/docker/daemon.json',
        action: 'change',
        diff: '--- /etc/docker/daemon.json\n+++ /etc/docker/daemon.json\n@@ -1,4 +1,7 @@\n {\n   "log-driver": "json-file",\n-  "debug": false\n+  "debug": false,\n+  "registry-mirrors": [\n+    "https://203.0.113.11"\n+  ]\n }\n',
      },
    ],
    activation: { code: 'docker-reloads' },
    warnings: [
      {
        code: 'docker-mirrors-only-docker-io',
        message:
          'This Docker takes only docker.io from a mirror; ghcr.io, quay.io, gcr.io, registry.k8s.io stay direct.',
        hint: 'Name images as <node address>/<upstream>/<image>.',
        retryable: false,
      },
    ],
  };
}
