import type { Duplex } from 'node:stream';

/**
 * One command on a machine. `argv` is what the program receives, word for word: no shell reads it. `elevated` runs it as root (nothing
 * changes where the login is root already). `input` is its standard input. Output beyond `maxOutputBytes` (default 16 MiB, of what is kept)
 * is a Problem.
 */
export interface Command {
  readonly argv: readonly string[];
  /** Variables beside those that the login has. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array | AsyncIterable<Uint8Array>;
  readonly elevated?: boolean;
  readonly timeoutMs?: number;
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
  /** False: standard output is only heard ({@link onOutput}), not kept; the result's is empty. */
  readonly keepOutput?: boolean;
  /** Hears standard output as it comes, for progress. */
  readonly onOutput?: (chunk: Uint8Array) => void;
}

/** How a command ended. A code other than 0 is a result, not an error: the caller knows what it means. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A file as it was found. `mode` is the permission bits (0o644), `uid`/`gid` numeric, `hash` the SHA-256 of the bytes in hex. */
export interface FileFound {
  readonly bytes: Uint8Array;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly hash: string;
}

export interface ReplaceOptions {
  readonly mode: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly elevated?: boolean;
  /** SHA-256 (hex) of the bytes that must still be there, or the word `absent`; otherwise the Problem `file-changed` and nothing is written. */
  readonly expect?: string;
}

/**
 * A place where commands run and files live: this computer, or a machine reached by SSH. Every method throws a ProblemError for what
 * can be expected (`host-unreachable`, `connection-lost`, `command-timeout`, `sudo-password-needed`, `sudo-refused`, `output-too-large`,
 * `file-changed`, `disk-full`, `permission-denied`, `cancelled`).
 */
export interface Host {
  /** The name a person knows it by, for messages. */
  readonly name: string;
  /** Requests that crossed the network so far (1 per run/read/replace); 0 for ever on this computer. */
  readonly roundTrips: number;
  run(command: Command): Promise<CommandResult>;
  /** Undefined where there is no such file. */
  readFile(path: string, options?: { elevated?: boolean; maxBytes?: number }): Promise<FileFound | undefined>;
  /** Temp file in the same folder, fsync, mode and owner, rename, fsync of the folder. Never a half-written file. */
  replaceFile(path: string, bytes: Uint8Array, options: ReplaceOptions): Promise<void>;
  /** Removing what is not there is fine. */
  removeFile(path: string, options?: { elevated?: boolean }): Promise<void>;
  /** A TCP connection from that machine to a port of its own (or of `hostname` as it sees it), for example an admin port on its loopback. */
  connect(port: number, hostname?: string): Promise<Duplex>;
  close(): Promise<void>;
}
