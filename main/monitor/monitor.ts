import type { Change } from '../../preload/contract/live.ts';
import type { Log } from '../log/log.ts';
import type { History } from '../store/history.ts';
import type { WatchedNode } from './watched-node.ts';

export interface MonitorOptions {
  /** The nodes to watch, asked at each round: adding or removing one needs no call here. */
  readonly nodes: () => readonly WatchedNode[];
  /** Hears node views, at most 4 times a second. */
  readonly publish: (changes: readonly Change[]) => void;
  readonly history: History;
  readonly log: Log;
}
