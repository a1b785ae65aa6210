import { expect, test } from 'vitest';
import type { CachedImage } from '../../../preload/contract/cache.ts';
import type { Saying } from '../../../preload/contract/saying.ts';
import { type Answer, exactly } from '../../../renderer/pages/cache/image-selection.ts';
import { heldBytes, mayBeHeld, withLastHour } from '../../../renderer/pages/cache/last-hour.ts';
import { image } from './cache-model.ts';

const rule = { kind: 'all' } as const;
const because = (code: string): Saying => ({ code, values: { image: 'docker.io/a/b:1' } });

function answer(freedBytes: number, images: readonly CachedImage[], kept: readonly Saying[] = []): Answer {
  return {
    freedBytes,
    blobs: images.length,
    victims: images.map((each) => ({ node: 'tokyo', image: each })),
    kept: kept.map((why) => ({ node: 'tokyo', why })),
  };
}

test('the last hour is left to the core unless it is asked for, on every node', () => {
  const choices = ['tokyo', 'osaka'].map((node) => ({ node, policy: rule }));
  expect(withLastHour(choices, false)).toEqual(choices);
  const lifted = withLastHour(choices, true);
  expect(lifted).toEqual(choices.map((choice) => ({ ...choice, graceSeconds: 0 })));
  expect(withLastHour(lifted, false)).toEqual(choices);
});

test('what is pruned by name goes by the hour that its preview went by', () => {
  const asked = withLastHour(
    ['tokyo', 'osaka'].map((node) => ({ node, policy: rule })),
    true,
  );
  expect(exactly(asked, answer(40, [image('docker.io/a/b:1')]))).toEqual([
    { node: 'tokyo', policy: { kind: 'images', images: ['docker.io/a/b:1'] }, graceSeconds: 0 },
    { node: 'osaka', policy: rule, graceSeconds: 0 },
  ]);
});

const alone40 = image('docker.io/a/b:1', { exclusiveBytes: 40 });
test.each<[string, Answer, boolean]>([
  ['an image goes and none of its bytes', answer(0, [alone40]), true],
  ['an image goes with a part of its bytes', answer(39, [alone40]), true],
  ['an image goes with all of its bytes', answer(40, [alone40]), false],
  ['more goes than the image holds alone, shared layers and leftovers', answer(90, [alone40]), false],
  ['an image stays for the hour', answer(40, [alone40], [because('image-used-within-hour')]), true],
  ['an image stays for its pin', answer(0, [], [because('image-pinned')]), false],
  ['nothing goes and nothing stays', answer(0, []), false],
])('whether the hour may hold something back: %s', (_name, given, expected) => {
  expect(mayBeHeld(given)).toBe(expected);
});

test('what the hour holds is the difference of two counts, and nothing where the cache shrank between them', () => {
  expect(heldBytes(answer(0, []), answer(1_050_000_000, []))).toBe(1_050_000_000);
  expect(heldBytes(answer(50, []), answer(40, []))).toBe(0);
});
