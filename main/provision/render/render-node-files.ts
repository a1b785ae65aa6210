import { fail } from '../../../preload/contract/problem.ts';
import { edgeService, mirrorService, storageName, twinService } from '../../fleet/node-layout.ts';
import { type Upstream, upstreamOf } from '../../fleet/upstreams.ts';
import { bootstrapFile } from './bootstrap-file.ts';
import { clusters } from './clusters.ts';
import { composeFile } from './compose-file.ts';
import { envoyUser, root } from './container-paths.ts';
import { directories } from './directories.ts';
import { listeners } from './listeners.ts';
import { metricsRoutes } from './metrics-routes.ts';
import type { NodeDirectory, NodeFile, NodeFileRole, NodeFilesInput } from './node-files.ts';
import { mirrorFile, twinFile } from './registry-file.ts';
import { edgeRoutes } from './routes.ts';
import { clientsSecretFile, serverSecretFile } from './secret-files.ts';
import { discoveryFile } from './yaml-file.ts';

/** Names in the data folder that are ours. */
const reserved: readonly string[] = ['blobs', twinService];

/** The upstreams of a spec, each once, whichever of its names was used. */
function served(spec: Pick<NodeFilesInput['spec'], 'upstreams'>): readonly Upstream[] {
  const found = new Map(spec.upstreams.map(upstreamOf).map((upstream) => [upstream.id, upstream]));
  for (const { id } of found.values()) {
    if (!reserved.includes(storageName(id))) continue;
    fail({
      code: 'upstream-name-reserved',
      message: `An upstream cannot be called "${id}": a node keeps its own files under that name. Nothing was changed.`,
      hint: 'Use the registry host name with its domain, such as registry.example.',
    });
  }
  return [...found.values()];
}

/** Every file of a node. The same input gives the same bytes, on any computer. */
export function renderNodeFiles(input: NodeFilesInput): readonly NodeFile[] {
  const upstreams = served(input.spec);
  const routes = edgeRoutes(input.spec.address, upstreams);
  const file = (role: NodeFileRole, path: string, text: string, service?: string): NodeFile => ({
    path,
    text,
    mode: 0o644,
    owner: root,
    sensitive: false,
    role,
    ...(service === undefined ? {} : { service }),
  });
  const xds = (name: string, text: string) => file('xds', `envoy/xds/${name}.yaml`, text, edgeService);
  const forEdge = (made: NodeFile): NodeFile => ({
    ...made,
    mode: 0o440,
    owner: { uid: root.uid, gid: envoyUser.gid },
  });
  const secret = (name: string, text: string) => forEdge(file('sds', `envoy/sds/${name}.yaml`, text, edgeService));
  const metrics = metricsRoutes(upstreams, input.metricsToken);
  return [
    file('compose', 'compose.yaml', composeFile(input, upstreams)),
    ...upstreams.map((upstream) =>
      file('registry', `registry/${storageName(upstream.id)}.yml`, mirrorFile(upstream), mirrorService(upstream.id)),
    ),
    file('registry', `registry/${twinService}.yml`, twinFile(), twinService),
    file('bootstrap', 'envoy/envoy.yaml', bootstrapFile(input.layout), edgeService),
    { ...secret('server_cert', serverSecretFile(input.server)), sensitive: true },
    secret('clients', clientsSecretFile(input)),
    xds('cds', discoveryFile('Where the edge sends requests to.', clusters(upstreams))),
    xds('rds', discoveryFile('Which request goes where; the first match wins.', [routes.resource], routes.version)),
    { ...forEdge(xds('metrics', discoveryFile("What the node's loopback port answers.", [metrics]))), sensitive: true },
    xds('lds', discoveryFile('Where the edge listens.', listeners(upstreams))),
  ];
}

/** The folders and links that must stand before the containers start, parents first. */
export function renderDirectories(input: Pick<NodeFilesInput, 'spec'>): readonly NodeDirectory[] {
  return directories(served(input.spec));
}
