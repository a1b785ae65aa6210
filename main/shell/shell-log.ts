import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes one line of the shell into the core's log, where whoever looks for the cause looks first. */
export type ShellLog = (
  level: 'info' | 'warn' | 'error',
  message: string,
  facts?: Readonly<Record<string, unknown>>,
) => void;

/**
 * The shell has little to say, and all of it is about a core that is not there to say it itself. Its lines have the form of the core's
 * and are appended whole, so the two never tear each other's.
 */
export function createShellLog(file: string): ShellLog {
  return (level, message, facts) => {
    const line = JSON.stringify({ time: new Date().toISOString(), level, topic: 'shell', message, ...facts });
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      appendFileSync(file, `${line}\n`, { mode: 0o600 });
    } catch {
      // A full disk must not take the tray away too.
      process.stderr.write(`${line}\n`);
    }
  };
}
