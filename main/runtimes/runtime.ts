import type { LocalStorage } from '../../preload/contract/cache.ts';
import type { FileChange, Route, RuntimeId, RuntimeView } from '../../preload/contract/runtime.ts';
import type { Problem } from '../../preload/contract/problem.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import type { Secret } from '../log/secret.ts';
import type { HelperLine } from './elevation.ts';

/** What a runtime needs to know of a node to point at it: where the edge is, which upstreams it serves, and who we are to it. */
export interface MirrorEndpoint {
  readonly node: string;
  /** `tokyo.example`, or `tokyo.example:8443` where the port is not 443: the name of Docker's certificate folder. */
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
  readonly runtime: RuntimeId;
  readonly route: Route;
  /** True when files and the live engine follow the route already: nothing is written, nobody is asked for a password. */
  readonly nothingToDo: boolean;
  /** Who writes: root, by the privileged helper, or this user, where every file lies in the own home and nobody is asked for a password. */
  readonly writer: 'root' | 'user';
  /** How the engine takes its files over: it reads them at every pull, it reloads them, or it must be restarted. */
  readonly activate: 'nothing' | 'reload' | 'restart';
  /** Final state of every file that changes. Empty with `nothingToDo` false: only a reload is missing. */
  readonly edits: readonly FileEdit[];
  /**
   * The engine's file with an empty list of mirrors. Docker's reload never un-sets a key that was removed (moby#36632), so this state is
   * written and loaded first when the way goes back to a file without the key: `interimFirst` says that this switch begins with it;
   * otherwise it is used only when the switch is taken back.
   */
  readonly interim: FileEdit | undefined;
  readonly interimFirst: boolean;
  /** What the live engine reported when this was prepared; undefined while it is stopped (files only, nothing to compare). */
  readonly liveBefore: readonly string[] | undefined;
  /** What the live engine must report in the end, in the engine's own order, without trailing slashes. */
  readonly expectedMirrors: readonly string[];
  /**
   * Registries that a file of ours stood before until now. Which mirrors the user has for them by then is seen only when it is gone, so they
   * are not among the expected ones.
   */
  readonly uncovered?: readonly string[];
  /** Those of them that are ours. */
  readonly ourMirrors: readonly string[];
  /** What the engine's own file was before our first switch: what "direct" brings back. Undefined where every file is ours alone. */
  readonly original: OriginalFile | undefined;
  readonly activation: Saying;
  readonly restarts: readonly string[];
  readonly warnings: readonly Problem[];
}

/** The bytes of an engine's file before our first switch; `bytes` undefined where there was no file. */
export interface OriginalFile {
  readonly path: string;
  readonly bytes: Uint8Array | undefined;
}

/** The image a proof pulls: `upstream` is docker.io, ghcr.io …, `repository` its name there (`library/busybox`). */
export interface ProofImage {
  readonly upstream: string;
  readonly repository: string;
  readonly digest: string;
}

/**
 * How a real pull through an engine ended. `pulled` is what was asked for, by digest; `fresh` is false where the engine had the image
 * already and so may have asked the mirror for nothing but its ping, as Docker's classic store does. Podman and containerd ask for the
 * manifest at every pull, so theirs are always `fresh`.
 */
export interface ProofPull {
  readonly pulled: string;
  readonly fresh: boolean;
}

/**
 * The port: one container engine of this computer. Deciding (`inspect`, `prepare`) reads only; acting goes through the switch, which
 * writes the prepared edits, makes the engine take them over, compares `liveMirrors`, and puts the old bytes back when anything fails.
 * `root` is the started helper, there where the switch has one: an engine whose socket belongs to root can be asked through it alone.
 */
export interface Runtime {
  readonly id: RuntimeId;
  /** How the engine calls itself in messages: `Docker`. */
  readonly engine: string;
  /** How the engine's requests begin their User-Agent; a proof counts no others. */
  readonly userAgent: string;
  /** What is there: version, store, file in use, live mirrors, conflicts. Never throws for an absent engine. */
  inspect(): Promise<RuntimeView>;
  /** The edits for a route given by its endpoints (empty list: direct). Throws a Problem for a file that cannot be edited safely. */
  prepare(route: Route, endpoints: readonly MirrorEndpoint[]): Promise<PreparedSwitch>;
  /** What the engine uses right now, without trailing slashes. */
  liveMirrors(root: HelperLine | undefined): Promise<readonly string[]>;
  /** Pulls the image by digest and leaves the engine's images as they were. Throws `proof-pull-failed`. */
  pullForProof(image: ProofImage, signal: AbortSignal, root: HelperLine | undefined): Promise<ProofPull>;
  /** What the engine keeps on this computer's own disk. Throws a Problem where this user may not ask. */
  storage(): Promise<LocalStorage>;
  /** True where a proof needs the helper. */
  readonly provesAsRoot: boolean;
}
