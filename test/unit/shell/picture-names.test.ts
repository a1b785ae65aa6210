import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drawings, scalesOf, shadeOf } from '../../../main/shell/picture-names.ts';

const icons = join(import.meta.dirname, '../../../resources/icons');

test('every picture of the tray is drawn, in one colour that the build can turn', () => {
  for (const drawing of drawings) {
    const file = join(icons, `tray-${drawing}.svg`);
    expect(existsSync(file), drawing).toBe(true);
    expect(new Set(readFileSync(file, 'utf8').match(/#[0-9a-f]{3,6}/g))).toEqual(new Set(['#000']));
  }
});

test.each([
  ['linux', 'KDE', false, 'dark'],
  ['linux', 'KDE', true, 'light'],
  ['linux', 'ubuntu:GNOME', false, 'light'],
  ['win32', '', false, 'dark'],
  ['win32', '', true, 'light'],
  ['darwin', '', true, 'dark'],
] as const)('on %s %s with dark surfaces %s the picture is %s', (platform, desktop, dark, shade) => {
  expect(shadeOf(platform, desktop, dark)).toBe(shade);
});

test.each([
  ['linux', ['22', '44']],
  ['win32', ['16', '20', '24', '32']],
  ['darwin', ['16', '20', '24', '32']],
] as const)('%s is given %s px', (platform, widths) => {
  expect(scalesOf(platform).map(({ width }) => String(width))).toEqual(widths);
});
