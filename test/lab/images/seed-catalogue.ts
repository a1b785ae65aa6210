import { accountFiles, busyboxFiles } from './busybox-files.ts';
import type { Architecture, ImageFormat, RunConfig } from './container-image.ts';
import { incompressibleBytes } from './incompressible-bytes.ts';
import { type Layer, makeLayer } from './layer.ts';
import type { TarEntry } from './tar-archive.ts';

/** An image that exists on the lab's internet from the start. */
export interface SeedImage {
  readonly upstream: string;
  readonly repository: string;
  readonly tags: readonly string[];
  readonly format: ImageFormat;
  readonly architectures: readonly Architecture[];
  readonly layers: (architecture: Architecture) => readonly Layer[];
  readonly run: RunConfig;
}

const MiB = 1024 * 1024;
const both: readonly Architecture[] = ['amd64', 'arm64'];
// Process 1 ignores SIGTERM unless it has a handler, and BusyBox has none: stopping would take the engine's 10 s.
const shell: RunConfig = { Cmd: ['sh'], Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], StopSignal: 'SIGKILL' };
const sleeper: RunConfig = { ...shell, Cmd: ['sleep', '2147483647'] };
const web: RunConfig = {
  ...shell,
  Cmd: ['httpd', '-f', '-p', '80', '-h', '/usr/share/nginx/html'],
  ExposedPorts: { '80/tcp': {} },
};

/** Every seeded image except the two that a node itself runs. Those for amd64 really run. */
export async function seedCatalogue(): Promise<readonly SeedImage[]> {
  const bases = { amd64: makeLayer(await busyboxFiles()), arm64: makeLayer(armFiles()) };
  const base = (architecture: Architecture): Layer => bases[architecture];
  const on = (
    upstream: string,
    name: string,
    run: RunConfig,
    layers: SeedImage['layers'],
    format: ImageFormat = 'oci',
    architectures = both,
  ): SeedImage => {
    const [repository = '', ...tags] = name.split(':');
    return { upstream, repository, tags, format, architectures, layers, run };
  };
  return [
    on('docker.io', 'library/nginx:alpine', web, (a) => [
      base(a),
      page('nginx alpine', a),
      ballast('nginx', a, 2 * MiB),
    ]),
    on(
      'docker.io',
      'library/nginx:1.27',
      web,
      (a) => [base(a), page('nginx 1.27', a), ballast('nginx-1.27', a, 3 * MiB)],
      'docker',
    ),
    on('docker.io', 'library/alpine:3.20:latest', shell, (a) => [base(a), ballast('alpine', a, MiB)], 'docker'),
    on('docker.io', 'library/busybox:latest:1.36', shell, (a) => [base(a)]),
    on('docker.io', 'library/tiny:1', sleeper, (a) => [base(a), ballast('tiny', a, 64 * 1024)], 'docker', ['amd64']),
    on('docker.io', 'bitnami/redis:latest:7.4', sleeper, (a) => [base(a), ballast('redis', a, 2 * MiB)]),
    on('docker.io', 'ratelimitpreview/test:latest', sleeper, (a) => [ballast('ratelimit', a, 4096)], 'docker', [
      'amd64',
    ]),
    on('docker.io', 'library/big:100m', sleeper, (a) => [base(a), ballast('big', a, 100 * MiB)], 'oci', ['amd64']),
    on('docker.io', 'corp/private:v1', sleeper, (a) => [base(a), ballast('private', a, 64 * 1024)]),
    // Shares its first layer with Docker Hub's nginx: one blob on two upstreams.
    on('ghcr.io', 'org/app:v1', sleeper, (a) => [base(a), ballast('app', a, MiB)]),
    on('ghcr.io', 'containerd/busybox:1.36', shell, (a) => [base(a)]),
    // The same name as on Docker Hub, other content: a mirror that mixes upstreams is found out.
    on('ghcr.io', 'library/nginx:alpine', web, (a) => [base(a), page('nginx of ghcr.io', a)]),
    on('quay.io', 'prometheus/busybox:latest', shell, (a) => [base(a), ballast('prometheus', a, 64 * 1024)], 'docker'),
    on('gcr.io', 'distroless/static:nonroot', { User: '65532' }, (a) => [distroless(a)]),
    on('registry.k8s.io', 'pause:3.10', sleeper, (a) => [base(a)], 'docker'),
    on('mcr.microsoft.com', 'hello-world:latest', shell, (a) => [base(a), page('hello', a)], 'docker'),
  ];
}

/** Stands for the arm64 half of an image: readable and transferable, never run here. */
export function armFiles(): TarEntry[] {
  return [...accountFiles([]), { type: 'file', path: 'etc/architecture', content: Buffer.from('arm64\n') }];
}

function page(text: string, architecture: Architecture): Layer {
  const path = 'usr/share/nginx/html';
  return makeLayer([
    ...['usr', 'usr/share', 'usr/share/nginx', path].map((folder): TarEntry => ({ type: 'folder', path: folder })),
    { type: 'file', path: `${path}/index.html`, content: Buffer.from(`${text} ${architecture}\n`) },
  ]);
}

/** A layer of `size` incompressible bytes. */
function ballast(name: string, architecture: Architecture, size: number): Layer {
  const content = incompressibleBytes(`${name} ${architecture}`, size);
  return makeLayer(
    [
      { type: 'folder', path: 'opt' },
      { type: 'file', path: `opt/${name}.bin`, content },
    ],
    0,
  );
}

function distroless(architecture: Architecture): Layer {
  return makeLayer([
    ...accountFiles(['nonroot:65532']),
    { type: 'file', path: 'etc/architecture', content: Buffer.from(`${architecture}\n`) },
  ]);
}
