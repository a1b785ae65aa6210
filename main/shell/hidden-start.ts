import type { TrayHost } from './status-notifier.ts';

/** How long a desktop that is just being logged in to may take to show its trays, in ms. */
const patienceMs = 30_000;

/**
 * A start by the login item shows the tray alone. Where no tray is shown by the time a desktop is up, the window comes instead: an app that
 * is seen nowhere could be reached by nobody. The returned function ends the waiting.
 */
export function showWithoutTray(host: Pick<TrayHost, 'there'>, show: () => void, afterMs = patienceMs): () => void {
  const timer = setTimeout(() => {
    if (!host.there()) show();
  }, afterMs);
  return () => clearTimeout(timer);
}
