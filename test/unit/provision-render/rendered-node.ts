import { type Upstream, upstreamOf } from '../../../main/fleet/upstreams.ts';
import { nodeLayout } from '../../../main/fleet/node-layout.ts';
import { Secret } from '../../../main/log/secret.ts';
import type { NodeFile, NodeFilesInput } from '../../../main/provision/render/node-files.ts';
import { renderNodeFiles } from '../../../main/provision/render/render-node-files.ts';

export const upstreams = ['docker.io', 'ghcr.io', 'quay.io', 'registry.k8s.io', 'registry.example:5000'];

/** The upstreams of {@link upstreams}, or of other names. */
export const served = (names: readonly string[] = upstreams): readonly Upstream[] => names.map(upstreamOf);

export function input(change: Partial<NodeFilesInput['spec']> = {}): NodeFilesInput {
  return {
    spec: { upstreams, address: 'mirror.example', port: 443, ...change },
    layout: nodeLayout({}),
    images: { registry: 'registry:3.1.1', envoy: 'envoyproxy/envoy:distroless-v1.40.0' },
    server: { chain: 'CHAIN\n', key: new Secret('THE KEY\n') },
    clientCa: 'CLIENT CA\n',
    crl: 'CRL\n',
    metricsToken: new Secret('THE-TOKEN'),
  };
}

export function rendered(change: Partial<NodeFilesInput['spec']> = {}): (path: string) => NodeFile {
  const files = renderNodeFiles(input(change));
  return (path) => {
    const file = files.find((each) => each.path === path);
    if (file === undefined) throw new Error(`${path} was not rendered`);
    return file;
  };
}
