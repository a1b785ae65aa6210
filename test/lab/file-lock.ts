import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Runs `work` while holding an exclusive lock on `file`, across processes.
 * The lock is a kernel `flock` held by a child that lives as long as its standard input: when this process
 * dies in whatever way, the input ends, the child goes and the lock is free, so no lock can be stale.
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const holder = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const held = new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve());
    holder.once('error', reject);
    holder.once('exit', () => reject(new Error(`cannot lock ${file}`)));
  });
  try {
    await held;
    return await work();
  } finally {
    holder.stdin.end();
  }
}
