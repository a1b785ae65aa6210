import { dirname } from 'node:path';

interface Share {
  readonly total: number;
  readonly covered: number;
}

/** What istanbul's json-summary says of a file; `lines` and `branches` are what we show. */
export interface FileCoverage {
  readonly lines: Share;
  readonly branches: Share;
}

export interface FolderCoverage extends FileCoverage {
  readonly folder: string;
  readonly files: number;
}

const sum = (left: Share, right: Share): Share => ({
  total: left.total + right.total,
  covered: left.covered + right.covered,
});

/** Covered lines and branches of each folder, sorted by its name. Paths are relative to the repository. */
export function byFolder(files: ReadonlyMap<string, FileCoverage>): readonly FolderCoverage[] {
  const folders = new Map<string, FolderCoverage>();
  for (const [path, { lines, branches }] of files) {
    const folder = dirname(path);
    const before = folders.get(folder);
    folders.set(folder, {
      folder,
      files: (before?.files ?? 0) + 1,
      lines: before === undefined ? lines : sum(before.lines, lines),
      branches: before === undefined ? branches : sum(before.branches, branches),
    });
  }
  return [...folders.values()].sort((one, other) => (one.folder < other.folder ? -1 : 1));
}

/** All folders as one. */
export function together(folders: readonly FolderCoverage[]): FolderCoverage {
  return folders.reduce(
    (all, each) => ({
      folder: 'all',
      files: all.files + each.files,
      lines: sum(all.lines, each.lines),
      branches: sum(all.branches, each.branches),
    }),
    { folder: 'all', files: 0, lines: { total: 0, covered: 0 }, branches: { total: 0, covered: 0 } },
  );
}

/** Whole percent, rounded down so that 100 means every one; a folder without any has all of them. */
export function percent({ total, covered }: Share): number {
  return total === 0 ? 100 : Math.floor((100 * covered) / total);
}
