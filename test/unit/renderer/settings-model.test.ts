import { expect, test } from 'vitest';
import { keepSettingsSchema, watchSettingsSchema } from '../../../preload/contract/settings.ts';
import { imageSourceOf } from '../../../renderer/pages/settings/image-field.ts';
import { limitsOf, wholeNumber } from '../../../renderer/pages/settings/number-field.ts';
import { passphraseError } from '../../../renderer/vault/passphrase-field.ts';
import { foundSettings } from '../../../renderer/pages/settings/settings-search.ts';

const items = [
  { id: 'theme', texts: ['Theme', 'Light, dark or as the system', '主题'] },
  { id: 'vault', texts: ['Where the key lives', 'keychain passphrase'] },
];

test.each([
  ['', ['theme', 'vault']],
  ['DARK theme', ['theme']],
  ['主题', ['theme']],
  ['key pass', ['vault']],
  ['dark keychain', []],
])('searching %o finds %o', (search, expected) => {
  expect([...foundSettings(items, search)]).toEqual(expected);
});

test('the limits of a field are those of the contract', () => {
  expect(limitsOf(watchSettingsSchema.shape.everySeconds)).toEqual({ min: 5, max: 3600 });
  expect(limitsOf(keepSettingsSchema.shape.historyDays)).toEqual({ min: 1, max: 3650 });
});

test.each([
  [' 30 ', { value: 30 }],
  ['5', { value: 5 }],
  ['4', { error: 'out-of-range' }],
  ['3601', { error: 'out-of-range' }],
  ['1.5', { error: 'not-whole' }],
  ['', { error: 'not-whole' }],
  ['1e2', { error: 'not-whole' }],
])('%o seconds are %o', (text, expected) => {
  expect(wholeNumber(text, { min: 5, max: 3600 })).toEqual(expected);
});

const digest = `sha256:${'a'.repeat(64)}`;
test.each([
  ['docker.io/library/registry:3.1.1', ''],
  ['registry', ''],
  ['registry.example:5000/team/envoy:distroless-v1.40.0', ''],
  [`envoyproxy/envoy@${digest}`, '/home/dev/envoy.tar'],
  [`localhost:5000/a__b/c.d:v1@${digest}`, 'C:\\images\\envoy.tar'],
])('%s (%s) is an image', (reference, archive) => {
  expect(imageSourceOf({ reference, archive })).toEqual({
    source: { reference, ...(archive === '' ? {} : { archive }) },
  });
});

test.each([
  ['', '', 'reference-empty'],
  ['two words', '', 'reference-wrong'],
  ['docker.io/Library/registry', '', 'reference-wrong'],
  ['https://docker.io/registry', '', 'reference-wrong'],
  ['registry:', '', 'reference-wrong'],
  [`registry@sha256:abc`, '', 'reference-wrong'],
  ['registry', 'images/registry.tar', 'archive-relative'],
])('%o with %o is refused: %s', (reference, archive, error) => {
  expect(imageSourceOf({ reference, archive })).toEqual({ error });
});

test('a new passphrase is long enough and typed twice alike', () => {
  expect(passphraseError('short', 'short')).toBe('passphrase-short');
  expect(passphraseError('long enough', 'long enouhg')).toBe('passphrase-differs');
  expect(passphraseError('long enough', 'long enough')).toBeUndefined();
});
