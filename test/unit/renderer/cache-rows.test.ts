import { expect, test } from 'vitest';
import { pinOf } from '../../../renderer/pages/cache/image-pins.ts';
import {
  byFigure,
  byName,
  imageRows,
  type RowFilter,
  shownRows,
  versionText,
} from '../../../renderer/pages/cache/image-row.ts';
import { atLeastBytes, choicesOf, exactly, together } from '../../../renderer/pages/cache/image-selection.ts';
import { scrubFound } from '../../../renderer/pages/cache/scrub-outcome.ts';
import { image, list } from './cache-model.ts';

const rows = imageRows([
  list('tokyo', [
    image('docker.io/library/nginx:alpine', { bytes: 300, exclusiveBytes: 10, lastUse: 3, platforms: ['linux/amd64'] }),
    image('docker.io/library/redis:7', { bytes: 200, exclusiveBytes: 90, lastUse: 9, pinned: true }),
    image('ghcr.io/acme/nginx-unit:1', { bytes: 900, exclusiveBytes: 20, lastUse: 1, platforms: ['linux/arm64'] }),
  ]),
  list('osaka', [image('docker.io/library/nginx:alpine', { bytes: 300, lastUse: 3 })]),
]);
const shown = (filter: Partial<RowFilter>): string[] =>
  shownRows(rows, { search: '', ...filter })
    .toSorted(byName)
    .map((row) => row.key);

test.each<[string, Partial<RowFilter>, string[]]>([
  [
    'every word of the search has to be there',
    { search: 'NGINX alp' },
    ['osaka docker.io/library/nginx:alpine', 'tokyo docker.io/library/nginx:alpine'],
  ],
  ['a platform is found', { search: 'arm64' }, ['tokyo ghcr.io/acme/nginx-unit:1']],
  ['one upstream', { upstream: 'ghcr.io' }, ['tokyo ghcr.io/acme/nginx-unit:1']],
  [
    'a group of repositories',
    { upstream: 'docker.io', repositories: ['library/redis'] },
    ['tokyo docker.io/library/redis:7'],
  ],
  ['only what is pinned', { pinnedOnly: true }, ['tokyo docker.io/library/redis:7']],
  ['nothing fits', { search: 'mysql' }, []],
])('the table is filtered: %s', (_name, filter, expected) => {
  expect(shown(filter)).toEqual(expected);
});

test('rows are ordered by a figure, equal ones by name', () => {
  expect(rows.toSorted(byFigure((each) => each.bytes)).map((row) => row.key)).toEqual([
    'tokyo docker.io/library/redis:7',
    'osaka docker.io/library/nginx:alpine',
    'tokyo docker.io/library/nginx:alpine',
    'tokyo ghcr.io/acme/nginx-unit:1',
  ]);
});

test('an image without a tag is named by its digest', () => {
  const { tag: _tag, ...untagged } = image('ghcr.io/a/b:1');
  expect(imageRows([list('tokyo', [untagged])])[0]?.name).toBe(`ghcr.io/a/b@${untagged.digest}`);
  expect(versionText(untagged)).toBe(`@${untagged.digest.slice(7, 19)}`);
});

test('10,000 images are filtered and sorted within a frame or two', () => {
  const many = imageRows([
    list(
      'tokyo',
      Array.from({ length: 10_000 }, (_, index) =>
        image(`docker.io/acme/app-${index % 700}:v${index}`, { lastUse: index }),
      ),
    ),
  ]);
  const started = performance.now();
  expect(shownRows(many, { search: 'app-1 v1' }).toSorted(byName).length).toBeGreaterThan(100);
  expect(performance.now() - started).toBeLessThan(150);
});

test('a choice over two nodes asks each for its own, always in the same words', () => {
  const chosen = new Set([rows[3], rows[1], rows[0]].map((row) => row?.key ?? ''));
  expect(choicesOf(rows, chosen)).toEqual([
    { node: 'osaka', policy: { kind: 'images', images: ['docker.io/library/nginx:alpine'] } },
    {
      node: 'tokyo',
      policy: { kind: 'images', images: ['docker.io/library/nginx:alpine', 'docker.io/library/redis:7'] },
    },
  ]);
});

test('what goes at the least counts two tags of one content once', () => {
  const twice = imageRows([
    list('tokyo', [
      image('docker.io/a/b:1', { digest: 'sha256:aa', exclusiveBytes: 70 }),
      image('docker.io/a/b:latest', { digest: 'sha256:aa', exclusiveBytes: 70 }),
    ]),
  ]);
  expect(atLeastBytes(twice, new Set(twice.map((row) => row.key)))).toBe(70);
});

test('answers of several nodes are added up and keep who said what', () => {
  const preview = { policy: { kind: 'all' }, blobs: 2, victims: [image('docker.io/a/b:1')] } as const;
  const pinned = { code: 'image-pinned', values: { image: 'x' } };
  const answer = together([
    { ...preview, victims: [...preview.victims], node: 'tokyo', freedBytes: 5, kept: [pinned] },
    { ...preview, victims: [...preview.victims], node: 'osaka', freedBytes: 7, kept: [] },
  ]);
  expect(answer).toMatchObject({ freedBytes: 12, blobs: 4, kept: [{ node: 'tokyo', why: pinned }] });
  expect(answer.victims.map((each) => each.node)).toEqual(['tokyo', 'osaka']);
});

test('a pin is the image itself, its content or its whole repository', () => {
  const [nginx, redis] = rows;
  if (nginx === undefined || redis === undefined) throw new Error('rows');
  expect(pinOf(nginx, [])).toEqual({ kind: 'none' });
  expect(pinOf(nginx, ['docker.io/library/nginx'])).toEqual({ kind: 'repository', pin: 'docker.io/library/nginx' });
  expect(pinOf(nginx, ['docker.io/library/nginx', nginx.name])).toEqual({ kind: 'image', pin: nginx.name });
  expect(pinOf(nginx, ['docker.io/library/ngin'])).toEqual({ kind: 'none' });
  expect(pinOf(redis, [])).toEqual({ kind: 'image', pin: redis.name });
});

test('what is pruned is what was shown, by name; a node with leftovers only keeps its rule', () => {
  const rule = { kind: 'older-than', seconds: 60 } as const;
  const answer = together([
    { node: 'tokyo', policy: rule, victims: [image('docker.io/a/b:1')], freedBytes: 1, blobs: 1, kept: [] },
    { node: 'osaka', policy: rule, victims: [], freedBytes: 1, blobs: 1, kept: [] },
  ]);
  const asked = ['tokyo', 'osaka'].map((node) => ({ node, policy: rule }));
  expect(exactly(asked, answer)).toEqual([
    { node: 'tokyo', policy: { kind: 'images', images: ['docker.io/a/b:1'] } },
    { node: 'osaka', policy: rule },
  ]);
});

test('a scrub is clean only where it says so', () => {
  expect(scrubFound({ state: 'done', outcome: { damaged: 0, unreadable: 2 } })).toEqual({
    damaged: 0,
    unreadable: 2,
    images: undefined,
  });
  expect(scrubFound({ state: 'done', outcome: {} })).toBeUndefined();
  expect(scrubFound({ state: 'cancelled', outcome: { damaged: 0 } })).toBeUndefined();
});
