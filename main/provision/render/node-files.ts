import type { NodeSpec } from '../../../preload/contract/node.ts';
import type { NodeLayout } from '../../fleet/node-layout.ts';
import type { Secret } from '../../log/secret.ts';

/**
 * Everything a node's files are made from. `images` are the exact references for the Compose file (`name:tag@sha256:…` or an image ID),
 * `server.chain` is the edge's certificate with its issuers in PEM, `clientCa` the CA whose client certificates may come in, and `crl`
 * its revocation list. `metricsToken` is what the metrics port wants to be asked with.
 */
export interface NodeFilesInput {
  readonly spec: Pick<NodeSpec, 'upstreams' | 'address' | 'port'>;
  readonly layout: NodeLayout;
  readonly images: { readonly registry: string; readonly envoy: string };
  readonly server: { readonly chain: string; readonly key: Secret };
  readonly clientCa: string;
  readonly crl: string;
  readonly metricsToken: Secret;
}

/** Numeric, because the node's own user table does not know the containers' users. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * What has to happen when a file changed. `compose`: `up -d`; `registry`: restart `service`; `bootstrap`: restart `service` (cuts
 * running pulls); `xds` and `sds`: nothing but the rename, Envoy watches the folder.
 */
export type NodeFileRole = 'compose' | 'registry' | 'bootstrap' | 'xds' | 'sds';

/**
 * One file of a node. `path` is relative to the node's base. A `sensitive` file holds a key or a token: never show its text or its diff.
 * `service` is the Compose service that reads it.
 */
export interface NodeFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly owner: Owner;
  readonly sensitive: boolean;
  readonly role: NodeFileRole;
  readonly service?: string;
}

/** A folder, or a relative symbolic link where `target` is given. `path` is relative to the node's base, parents come before children. */
export interface NodeDirectory {
  readonly path: string;
  readonly mode: number;
  readonly owner: Owner;
  readonly target?: string;
}
