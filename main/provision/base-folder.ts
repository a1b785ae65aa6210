import { fail } from '../../preload/contract/problem.ts';
import { isKeptBeside } from '../fleet/node-layout.ts';
import type { Observed } from './observed.ts';

/** Folders of the system itself; a node gets one below them, never one of them. */
const systemFolders = new Set(
  'bin boot dev etc home lib lib32 lib64 media mnt opt proc root run sbin srv sys tmp usr var usr/local usr/share var/lib var/log var/tmp etc/docker var/lib/docker'
    .split(' ')
    .map((path) => `/${path}`),
);

/**
 * Refuses a base that cannot be a folder of the node's own, before anything is asked of the server. Problem `base-unusable`.
 * Only plain characters: the path goes into Compose's file and into reports that are read by line.
 */
export function checkBase(base: string): void {
  const plain = /^(\/[A-Za-z0-9._-]+)+$/.test(base) && !base.split('/').some((part) => part === '.' || part === '..');
  if (plain && !systemFolders.has(base) && base.length <= 200) return;
  fail({
    code: 'base-unusable',
    message: `${JSON.stringify(base)} cannot be a node's folder; nothing was changed.`,
    hint: 'Give the node a folder of its own, such as /opt/mirrorfleet or /srv/mirrorfleet.',
  });
}

/** What lies in a folder that never was a node's: somebody's. A kept cache (`data/`) and our own notes do not count. Pure. */
export function strangersIn(observed: Observed): string[] {
  const ours = new Set(['.brought', 'registry', 'envoy', 'envoy/xds', 'envoy/sds', 'data', '.previous']);
  const cacheLike = observed.directories['data'] === undefined || observed.directories['data/blobs'] !== undefined;
  return [
    ...Object.keys(observed.files).filter((path) => !ours.has(path) && !isKeptBeside(path)),
    ...Object.keys(observed.directories).filter(
      (path) => !ours.has(path) && !isKeptBeside(path) && !path.startsWith('data/'),
    ),
    ...observed.odd,
    ...(cacheLike ? [] : ['data']),
  ].toSorted();
}
