import { join } from 'node:path';

/** Folders and files of one user's Mirrorfleet. All are private (folders 0700). */
export interface Paths {
  /** Settings, nodes and the vault. */
  readonly config: string;
  /** History database, the CA's public half, backup bookkeeping. */
  readonly data: string;
  readonly log: string;
  /** The running core's local socket (a named pipe on Windows). */
  readonly socket: string;
}

/**
 * Where files live: `MIRRORFLEET_HOME` puts all of them below one folder (tests, portable use); otherwise each platform's own places,
 * on Linux the XDG base directories.
 */
export function pathsOf(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  home: string,
): Paths {
  const portable = env['MIRRORFLEET_HOME'];
  if (portable !== undefined && portable !== '') {
    return {
      config: join(portable, 'config'),
      data: join(portable, 'data'),
      log: join(portable, 'log'),
      socket: socketIn(join(portable, 'run'), platform, portable),
    };
  }
  if (platform === 'darwin') {
    const support = join(home, 'Library', 'Application Support', 'Mirrorfleet');
    return {
      config: support,
      data: join(support, 'data'),
      log: join(home, 'Library', 'Logs', 'Mirrorfleet'),
      socket: join(support, 'run', 'core.sock'),
    };
  }
  if (platform === 'win32') {
    const roaming = join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Mirrorfleet');
    const local = join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Mirrorfleet');
    return {
      config: roaming,
      data: join(local, 'data'),
      log: join(local, 'log'),
      socket: socketIn(local, platform, home),
    };
  }
  const state = join(env['XDG_STATE_HOME'] ?? join(home, '.local', 'state'), 'mirrorfleet');
  return {
    config: join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'mirrorfleet'),
    // Not plain `mirrorfleet`: that folder is a node's base where this computer serves mirrors without root.
    data: join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'mirrorfleet-desktop'),
    log: join(state, 'log'),
    socket: join(state, 'run', 'core.sock'),
  };
}

function socketIn(folder: string, platform: NodeJS.Platform, salt: string): string {
  if (platform !== 'win32') return join(folder, 'core.sock');
  return `\\\\.\\pipe\\mirrorfleet-${Buffer.from(salt).toString('base64url').slice(-24)}`;
}
