import fc from 'fast-check';
import { expect, test } from 'vitest';
import { growthPath } from '../../../renderer/pages/cache/growth-path.ts';
import { imageRows } from '../../../renderer/pages/cache/image-row.ts';
import { type Tile, repositoryShares, treemapLayout } from '../../../renderer/pages/cache/treemap-layout.ts';
import { image, list } from './cache-model.ts';

const share = fc.record({
  upstream: fc.constantFrom('docker.io', 'ghcr.io', 'quay.io'),
  repository: fc.stringMatching(/^[a-z]{1,8}\/[a-z]{1,8}$/),
  images: fc.integer({ min: 1, max: 50 }),
  bytes: fc.integer({ min: 0, max: 10_000_000_000 }),
});
const unique = fc.uniqueArray(share, {
  minLength: 1,
  maxLength: 60,
  selector: (each) => `${each.upstream}/${each.repository}`,
});

test('every repository is in exactly one tile, every byte is counted once, and nothing leaves the box', () => {
  fc.assert(
    fc.property(
      unique,
      fc.integer({ min: 100, max: 1600 }),
      fc.integer({ min: 80, max: 600 }),
      (shares, width, height) => {
        const frames = treemapLayout(shares, width, height);
        const tiles = frames.flatMap((frame) => frame.tiles);
        const total = shares.reduce((sum, each) => sum + each.bytes, 0);
        expect(tiles.reduce((sum, tile) => sum + tile.bytes, 0)).toBe(total);
        if (total === 0) return;
        const names = tiles.flatMap((tile) => tile.repositories.map((each) => `${tile.upstream}/${each}`));
        expect(names.toSorted()).toEqual(shares.map((each) => `${each.upstream}/${each.repository}`).toSorted());
        for (const tile of [...tiles, ...frames]) {
          expect(tile.x >= 0 && tile.y >= 0 && tile.x + tile.width <= width && tile.y + tile.height <= height).toBe(
            true,
          );
        }
      },
    ),
  );
});

test('tiles never lie over each other', () => {
  const over = (a: Tile, b: Tile): boolean =>
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
  fc.assert(
    fc.property(unique, (shares) => {
      const tiles = treemapLayout(shares, 900, 300)
        .flatMap((frame) => frame.tiles)
        .filter((tile) => tile.width > 0 && tile.height > 0);
      expect(tiles.some((a, index) => tiles.slice(index + 1).some((b) => over(a, b)))).toBe(false);
    }),
  );
});

test('small repositories of an upstream are folded, a single small one keeps its name', () => {
  const shares = [
    { upstream: 'docker.io', repository: 'library/big', images: 1, bytes: 1000 },
    ...['a', 'b', 'c'].map((repository) => ({ upstream: 'docker.io', repository, images: 2, bytes: 1 })),
    { upstream: 'ghcr.io', repository: 'only/one', images: 1, bytes: 2 },
  ];
  const tiles = treemapLayout(shares, 800, 300).flatMap((frame) => frame.tiles);
  expect(tiles.map(({ repositories, images }) => [repositories, images])).toEqual([
    [['library/big'], 1],
    [['a', 'b', 'c'], 6],
    [['only/one'], 1],
  ]);
});

test('two tags of one content share their bytes, the same content on two nodes is there twice', () => {
  const twice = [
    image('docker.io/a/b:1', { digest: 'sha256:aa', bytes: 500 }),
    image('docker.io/a/b:2', { digest: 'sha256:aa', bytes: 500 }),
  ];
  expect(repositoryShares(imageRows([list('tokyo', twice)]))).toEqual([
    { upstream: 'docker.io', repository: 'a/b', images: 2, bytes: 500 },
  ]);
  expect(repositoryShares(imageRows([list('tokyo', twice), list('osaka', twice)]))[0]?.bytes).toBe(1000);
});

const hour = 3_600_000;
const points = (hours: readonly number[]) =>
  hours.map((each) => ({ at: each * hour, cacheBytes: 1e9 + each, freeBytes: 5e9 }));

test('a time without measurements is a gap in the line, not a bridge', () => {
  const path = growthPath(points([0, 1, 2, 12, 13, 14]), 0, 14 * hour, 140, 100);
  expect(path.lines).toHaveLength(2);
  expect(path.gaps).toEqual([{ x: 20, width: 100 }]);
  expect(growthPath(points([0, 1, 2, 3]), 0, 3 * hour, 140, 100).lines).toHaveLength(1);
});

test('a single point is a dot, no point is nothing, and the axis ends at a number one can read', () => {
  expect(growthPath(points([1]), 0, 2 * hour, 140, 100).lines).toEqual(['M70 50h0']);
  expect(growthPath([], 0, 2 * hour, 140, 100).lines).toEqual([]);
  expect(growthPath(points([1]), 0, 2 * hour, 140, 100).topBytes).toBe(2e9);
});
