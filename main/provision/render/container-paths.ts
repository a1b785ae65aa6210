import { createHash } from 'node:crypto';
import type { Owner } from './node-files.ts';

/**
 * Where a node's folders are inside its containers. All data is one mount: uploads are renamed across it and links lead through it. It is
 * where the image declares its volume; anywhere else, every container would leave an anonymous volume behind.
 */
export const dataMount = '/var/lib/registry';
export const envoyMount = '/etc/envoy';
/** The place where the image's own command looks, so that `garbage-collect` and friends find it too. */
export const registryConfig = '/etc/distribution/config.yml';

export const edgePort = 8443;
export const adminPort = 9901;
export const twinPort = 5000;
export const registryMetricsPort = 5001;

/**
 * The port a mirror listens on inside its container: one of its own, made of its name. Two mirrors that fall together may come back with
 * each other's address, and the edge hears of it seconds later; until then it must meet a closed port, never another upstream's content.
 * Below the ports that systems give to outgoing connections (32768 and above).
 */
export function mirrorPort(upstream: string): number {
  return 10_000 + (createHash('sha256').update(upstream).digest().readUInt32BE(0) % 20_000);
}

/** Users of the containers; neither exists on the node, so that nobody else's files are theirs. */
export const registryUser: Owner = { uid: 10001, gid: 10001 };
export const envoyUser: Owner = { uid: 10002, gid: 10002 };
export const root: Owner = { uid: 0, gid: 0 };
