import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linkAmong, placeOf } from '../../../main/shell/deep-link.ts';
import { parsePlace } from '../../../renderer/place/place.ts';

test.each([
  ['mirrorfleet://node/tokyo', '#/fleet/tokyo'],
  ['mirrorfleet://node/tokyo/', '#/fleet/tokyo'],
  ['MIRRORFLEET://node/home-lab', '#/fleet/home-lab'],
])('%s shows a node', (address, hash) => {
  expect(placeOf(address)).toEqual({ kind: 'place', hash });
});

test.each(['mirrorfleet://join', 'mirrorfleet://join/', 'mirrorfleet://join/eyJhIjoxfQ', 'mirrorfleet://JOIN?t=1'])(
  '%s is an invitation, which this version refuses as such',
  (address) => {
    expect(placeOf(address)).toEqual({ kind: 'refused', hash: '#/link-refused?kind=join' });
  },
);

test.each([
  '',
  'mirrorfleet:',
  'mirrorfleet://',
  'mirrorfleet://node',
  'mirrorfleet://node/',
  'mirrorfleet:node/tokyo',
  'mirrorfleet://node//tokyo',
  'mirrorfleet://node/Tokyo',
  'mirrorfleet://node/tokyo/docker.io',
  'mirrorfleet://node/tokyo?show=remove',
  'mirrorfleet://node/tokyo#x',
  'mirrorfleet://node/tok%79o',
  'mirrorfleet://node/..%2fadd',
  'mirrorfleet://user@node/tokyo',
  'mirrorfleet://node:80/tokyo',
  'mirrorfleet://settings',
  'mirrorfleet://joining/x',
  'https://node/?mirrorfleet://join',
  'https://node/tokyo',
  ' mirrorfleet://node/tokyo',
  'mirrorfleet://node/tokyo\n',
  `mirrorfleet://node/${'a'.repeat(32)}`,
])('%j leads nowhere', (address) => {
  expect(placeOf(address)).toEqual({ kind: 'refused', hash: '#/link-refused?kind=unknown' });
});

test('whatever an address says, it leads to a node as pages know it or to the one page that refuses it', () => {
  const odd = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(
        fc.constantFrom('mirrorfleet://node/', 'mirrorfleet://join/', 'mirrorfleet:', 'MirrorFleet://Node/'),
        fc.string({ unit: 'grapheme-ascii' }),
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(odd, (address) => {
      const { kind, hash } = placeOf(address);
      if (kind === 'refused') return /^#\/link-refused\?kind=(join|unknown)$/.test(hash);
      const place = parsePlace(hash);
      return place.page === 'node' && /^[a-z][a-z0-9-]*$/.test(place.node) && place.show === undefined;
    }),
    { numRuns: 500 },
  );
});

test('the address is found among what the system and Chromium put around it', () => {
  expect(linkAmong(['--allow-file-access', '--hidden', 'mirrorfleet://node/tokyo'])).toBe('mirrorfleet://node/tokyo');
  expect(linkAmong(['/home/a/mirrorfleet', '--hidden'])).toBeUndefined();
  expect(linkAmong(['x-mirrorfleet:', 'mirrorfleet', 'MirrorFleet:Node/tokyo', 'mirrorfleet://late'])).toBe(
    'MirrorFleet:Node/tokyo',
  );
});
