import type { ShellState } from '../../preload/contract/shell.ts';
import type { ConnectionState } from '../core/live.ts';

/**
 * What has to be said of the core above every page. refused: it does not know this page. lost: it does not answer. ended: the app starts it
 * again. stopped: the app leaves it alone until somebody asks. none: it is there, or is only just being looked for.
 */
export type CoreNews = 'none' | 'refused' | 'lost' | 'ended' | 'stopped';

/** What to say, from what the page sees of its line and what the desktop app (undefined in a browser) knows of the process. */
export function coreNews(connection: ConnectionState, shell: ShellState | undefined): CoreNews {
  if (shell?.core.state === 'stopped') return 'stopped';
  if (shell?.core.state === 'lost') return 'ended';
  return connection === 'refused' || connection === 'lost' ? connection : 'none';
}

/** Whether the app and the core that it reached are of two versions, which is said wherever it may explain something odd. */
export function versionsDiffer({ version, core }: ShellState): boolean {
  return core.state === 'running' && core.version !== undefined && core.version !== version;
}
