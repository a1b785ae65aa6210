import type { NodeSpec } from '../../../preload/contract/node.ts';
import { type Desired, sha256, serviceHashes } from '../../../main/provision/desired.ts';
import type { ImageStandings } from '../../../main/provision/image-identity.ts';
import type { NodeState } from '../../../main/provision/node-state.ts';
import type { Observed } from '../../../main/provision/observed.ts';
import type { NodeFile } from '../../../main/provision/render/node-files.ts';

const root = { uid: 0, gid: 0 };
const digest = 'a'.repeat(64);

export const spec: NodeSpec = {
  name: 'tokyo',
  kind: 'ssh',
  target: { destination: 'ops@192.0.2.7' },
  upstreams: ['docker.io'],
  address: '192.0.2.7',
  port: 443,
};

const file = (path: string, text: string, more: Partial<NodeFile> & Pick<NodeFile, 'role'>): NodeFile => ({
  path,
  text,
  mode: 0o644,
  owner: root,
  sensitive: false,
  ...more,
});

const compose = `services:
  mirror-docker.io: {image: "registry:3@sha256:${digest}"}
  envoy: {image: "envoy:1@sha256:${digest}"}
networks: {mirrors: {driver: bridge}}
`;

/** A small node: one of each kind of file. */
export const desired: Desired = {
  directories: [
    { path: 'data', mode: 0o755, owner: { uid: 10001, gid: 10001 } },
    { path: 'data/docker.io', mode: 0o755, owner: { uid: 10001, gid: 10001 } },
    { path: 'data/docker.io/blobs', mode: 0o777, owner: root, target: '../blobs' },
  ],
  files: [
    file('compose.yaml', compose, { role: 'compose' }),
    file('registry/docker.io.yml', 'version: 0.1\n', { role: 'registry', service: 'mirror-docker.io' }),
    file('envoy/envoy.yaml', 'admin: {}\n', { role: 'bootstrap', service: 'envoy' }),
    file('envoy/sds/server_cert.yaml', 'version_info: c1\nkey: SECRET-KEY\n', {
      role: 'sds',
      service: 'envoy',
      sensitive: true,
      mode: 0o440,
    }),
    file('envoy/xds/cds.yaml', '# clusters\nversion_info: k1\nresources: []\n', { role: 'xds', service: 'envoy' }),
    file('envoy/xds/rds.yaml', '# routes\nversion_info: r1\nresources: []\n', { role: 'xds', service: 'envoy' }),
  ],
};

const record = (name: string) => ({
  reference: `${name}:1`,
  identity: `${name}:1@sha256:${digest}`,
  id: `sha256:${digest}`,
  tags: [`${name}:1`],
  ours: true,
});

export const standings: ImageStandings = {
  registry: { kind: 'present', record: { ...record('registry'), identity: `registry:3@sha256:${digest}` } },
  envoy: { kind: 'present', record: record('envoy') },
};

export const emptyServer: Observed = {
  base: 'absent',
  files: {},
  directories: {},
  links: {},
  odd: [],
  containers: [],
  images: {},
  docker: 'running',
  engineVersion: '26.1.5',
  compose: 'plugin',
  roundTrips: 1,
};

const state: NodeState = {
  format: 1,
  app: '0.1.0',
  by: 'ada@laptop',
  at: '2026-11-25T00:00:00Z',
  spec,
  images: { registry: record('registry'), envoy: record('envoy') },
  files: Object.fromEntries(desired.files.map((each) => [each.path, sha256(each.text)])),
  services: serviceHashes(desired.files),
};

/** The server after a finished apply of {@link desired}. */
export const appliedServer: Observed = {
  ...emptyServer,
  base: 'present',
  state,
  files: {
    ...Object.fromEntries(
      desired.files.map((each) => [
        each.path,
        {
          hash: sha256(each.text),
          mode: each.mode,
          uid: each.owner.uid,
          gid: each.owner.gid,
          bytes: each.text.length,
          ...(each.sensitive ? {} : { text: each.text }),
        },
      ]),
    ),
    'state.json': { hash: digest, mode: 0o644, uid: 0, gid: 0, bytes: 9 },
  },
  directories: {
    data: { mode: 0o755, uid: 10001, gid: 10001 },
    'data/docker.io': { mode: 0o755, uid: 10001, gid: 10001 },
  },
  links: { 'data/docker.io/blobs': '../blobs' },
  containers: [
    { id: digest, service: 'envoy', state: 'running', image: `envoy:1@sha256:${digest}` },
    { id: digest, service: 'mirror-docker.io', state: 'running', image: `registry:3@sha256:${digest}` },
  ],
  edge: { cds: 'k1', lds: 'l1', routes: { edge: 'r1' }, secrets: ['c1'], refusals: 0 },
};
