import type { NodeSpec } from '../../preload/contract/node.ts';
import type { Host } from '../hosts/host.ts';
import type { TlsIdentity } from '../hosts/registry-client.ts';
import type { Secret } from '../log/secret.ts';

/**
 * A node the monitor keeps watch over. `identity` is this computer's client certificate with its key and the private CA; it is asked for
 * at each round, so a rotation is followed. `host` opens (or reuses) the machine for disk and counters; without it, a node is watched from
 * outside only.
 */
export interface WatchedNode {
  readonly spec: Pick<NodeSpec, 'name' | 'address' | 'port' | 'upstreams' | 'base'>;
  /** Whether the node was ever applied; one that was not is published as unknown and not probed. */
  readonly applied: boolean;
  /** When it was applied last, in ms since 1970. */
  readonly appliedAt?: number;
  /** What is typed after `ssh` to reach its machine. */
  readonly destination?: string;
  identity(): Promise<TlsIdentity>;
  host?(): Promise<Host>;
  /** What the node's metrics port is asked with. */
  metricsToken(): Promise<Secret>;
}
