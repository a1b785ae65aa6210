import type { EdgeVersions } from './edge-stats.ts';
import type { NodeState } from './node-state.ts';

/** A file below the node's base. `text` is there only where everyone on the machine may read it. */
export interface ObservedFile {
  readonly hash: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly bytes: number;
  readonly text?: string;
}

export interface ObservedDirectory {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A container of the node's Compose project. `image` is the identity it was created with (or the engine's id if that name moved on). */
export interface ObservedContainer {
  readonly id: string;
  readonly service: string;
  readonly state: string;
  readonly image: string;
}

/** An image on the server, by the name it was asked for. Digests are `repository@sha256:…` as the engine knows them. */
export interface ObservedImage {
  readonly id: string;
  readonly bytes: number;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
}

/** Who works on the node now, as its lock file says; `ageSeconds` since that holder last showed a sign of life. */
export interface LockHolder {
  readonly who: string;
  readonly when: string;
  readonly why: string;
  readonly ageSeconds: number;
  /** Which Mirrorfleet's it is, where its text says so. */
  readonly installation?: string;
}

/** A node's machine as one round trip found it. Paths are relative to the base. */
export interface Observed {
  readonly base: 'absent' | 'present' | 'link' | 'file' | 'unreadable';
  readonly state?: NodeState;
  readonly files: Readonly<Record<string, ObservedFile>>;
  readonly directories: Readonly<Record<string, ObservedDirectory>>;
  readonly links: Readonly<Record<string, string>>;
  /** What is neither file nor folder. */
  readonly odd: readonly string[];
  readonly containers: readonly ObservedContainer[];
  readonly images: Readonly<Record<string, ObservedImage>>;
  readonly lock?: LockHolder;
  readonly docker: 'absent' | 'stopped' | 'running';
  readonly engineVersion?: string;
  readonly platform?: string;
  readonly compose: 'absent' | 'plugin' | 'standalone';
  readonly edge?: EdgeVersions;
  readonly roundTrips: number;
}
