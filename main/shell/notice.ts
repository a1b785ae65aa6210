import type { Problem } from '../../preload/contract/problem.ts';
import type { Route, RuntimeId } from '../../preload/contract/runtime.ts';
import type { Task } from '../../preload/contract/task.ts';

/** Something that changed by itself and that people want to know. `users` pull through the node; `next` is what serves them instead. */
export type Notice =
  | {
      readonly kind: 'node-down';
      readonly node: string;
      readonly users: readonly RuntimeId[];
      readonly next: string | undefined;
    }
  | { readonly kind: 'node-degraded'; readonly node: string }
  /** `offer`: nothing pulls through a node now, so it may be chosen again. */
  | { readonly kind: 'node-back'; readonly node: string; readonly offer: boolean }
  | { readonly kind: 'route-lost'; readonly engine: RuntimeId; readonly route: Route }
  | { readonly kind: 'disk-full'; readonly node: string; readonly problem: Problem }
  | { readonly kind: 'task-failed'; readonly task: Task }
  | { readonly kind: 'core-stopped'; readonly problem: Problem | undefined };
