import type { FileChange, Route, RuntimeId, RuntimeView } from '../../preload/contract/runtime.ts';
import type { Problem } from '../../preload/contract/problem.ts';
import type { Secret } from '../log/secret.ts';

/** What a runtime needs to know of a node to point at it: where the edge is, which upstreams it serves, and who we are to it. */
export interface MirrorEndpoint {
  readonly node: string;
  /** `tokyo.example:443`; the port is always given. */
  readonly authority: string;
  readonly upstreams: readonly string[];
  /** PEM of the private CA that signed the edge's certificate. */
  readonly ca: string;
  /** PEM of this computer's client certificate and its key. */
  readonly clientCertificate: string;
  readonly clientKey: Secret;
}

/** One file of a prepared switch, still with its bytes; `undefined` deletes. `expect` is the SHA-256 of what the preview saw, or `absent`. */
export interface FileEdit {
  readonly path: string;
  readonly bytes: Uint8Array | undefined;
  readonly mode: number;
  readonly expect: string;
  readonly change: FileChange;
}

/** A switch thought through and not yet done. */
export interface PreparedSwitch {
  readonly edits: readonly FileEdit[];
  readonly activation: string;
  readonly restarts: readonly string[];
  readonly warnings: readonly Problem[];
}

/**
 * The port: one container engine of this computer. Deciding (`inspect`, `prepare`) reads only; acting goes through the switch, which
 * writes the prepared edits, calls `activate`, then `verify`, and puts the old bytes back when either fails.
 */
export interface Runtime {
  readonly id: RuntimeId;
  /** What is there: version, store, file in use, live mirrors, conflicts. Never throws for an absent engine. */
  inspect(): Promise<RuntimeView>;
  /** The edits for a route given by its endpoints (empty list: direct). Throws a Problem for a file that cannot be edited safely. */
  prepare(route: Route, endpoints: readonly MirrorEndpoint[]): Promise<PreparedSwitch>;
}
