import type { MessagePortMain } from 'electron';
import type { Snapshot } from '../../preload/contract/live.ts';
import type { CoreState } from '../../preload/contract/shell.ts';
import type { Client } from '../endpoints/client.ts';

/** The shell's one line to the core: what is known of it, calls, and a line of its own for each window. */
export interface CoreLink {
  state(): CoreState;
  /** The last snapshot; undefined before the first. It says nothing about now unless the state is `running`. */
  snapshot(): Snapshot | undefined;
  /** The core's calls; undefined while it is not reached. */
  client(): Client | undefined;
  /** Calls back after the state or the snapshot changed. */
  subscribe(listener: () => void): () => void;
  /** Connects one end of a channel, whose other end a window has, with the core. Closed when the core is lost. */
  openPort(port: MessagePortMain): void;
  /** Tries again to start a core that was left alone. */
  retry(): void;
  /** Ends an own core in order (its jobs are asked to stop), or leaves a foreign one running. */
  close(): Promise<void>;
}
