import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useEffectEvent,
  useRef,
  useCallback,
  useSyncExternalStore,
} from 'react';
import type { Change, Snapshot } from '../../preload/contract/live.ts';
import type { Client, Connection } from './client.ts';
import { type ConnectionState, followCore, type Live } from './live.ts';
import { same } from './same.ts';

/** A core as the pages hold it: its calls, and what is known of it. */
export interface Core {
  readonly client: Client;
  readonly live: Live;
}

/** Begins to follow the core behind a connection (or the stage's fake). */
export function createCore(connection: Connection): Core {
  return { client: connection.client, live: followCore(connection) };
}

const CoreContext = createContext<Core | undefined>(undefined);

/** Gives the core to every page below. */
export function CoreProvider({ core, children }: { readonly core: Core; readonly children: ReactNode }) {
  return <CoreContext value={core}>{children}</CoreContext>;
}

function useHeldCore(): Core {
  const core = useContext(CoreContext);
  if (!core) throw new Error('This part of the page needs a CoreProvider above it.');
  return core;
}

/** The core's calls. */
export function useCore(): Client {
  return useHeldCore().client;
}

/**
 * A part of the live snapshot, undefined until the first one came. Renders again only when that part differs; a selector may build a new
 * list or object each time, whose entries are compared.
 */
export function useSnapshot<T>(selector: (snapshot: Snapshot) => T): T | undefined {
  const { live } = useHeldCore();
  const last = useRef<{ snapshot: Snapshot; selector: (snapshot: Snapshot) => T; value: T }>(undefined);
  const subscribe = useCallback((listener: () => void) => live.subscribe(listener), [live]);
  return useSyncExternalStore(subscribe, () => {
    const snapshot = live.snapshot();
    if (!snapshot) return undefined;
    const known = last.current;
    if (known?.snapshot === snapshot && known.selector === selector) return known.value;
    const chosen = selector(snapshot);
    const value = known && same(known.value, chosen) ? known.value : chosen;
    last.current = { snapshot, selector, value };
    return value;
  });
}

/** Whether what is shown is true now. */
export function useConnectionState(): ConnectionState {
  const { live } = useHeldCore();
  const subscribe = useCallback((listener: () => void) => live.subscribe(listener), [live]);
  return useSyncExternalStore(subscribe, () => live.state());
}

/** Hears every single change while the component is there, for lists that no snapshot holds (the journal). */
export function useChanges(listener: (change: Change) => void): void {
  const { live } = useHeldCore();
  const hear = useEffectEvent(listener);
  useEffect(() => live.onChange((change) => hear(change)), [live]);
}
