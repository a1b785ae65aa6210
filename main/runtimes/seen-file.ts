import { readFile } from 'node:fs/promises';
import type { SeenFile } from './owned-files.ts';

/** A file as this user sees it; a directory that may not be entered counts as unreadable. */
export async function see(path: string): Promise<SeenFile> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT') return undefined;
    if (['EACCES', 'EISDIR', 'ELOOP', 'ENOTDIR'].includes(code)) return 'unreadable';
    throw error;
  }
}

/** Several files at once, by their paths. */
export async function seeAll(paths: readonly string[]): Promise<ReadonlyMap<string, SeenFile>> {
  return new Map(await Promise.all(paths.map(async (path) => [path, await see(path)] as const)));
}
