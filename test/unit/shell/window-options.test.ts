import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultPreferences } from '../../../main/shell/preferences.ts';
import { ground, initialArgument, windowOptions } from '../../../main/shell/window-options.ts';
import { placeWindow } from '../../../main/shell/window-place.ts';
import { type ShellState, shellStateSchema } from '../../../preload/contract/shell.ts';

const state: ShellState = {
  version: '0.1.0',
  core: { state: 'running', own: true },
  preferences: defaultPreferences,
  tray: true,
};
const problem = { code: 'core-failed', message: '核心没有启动。', hint: 'Look into the log.', retryable: true };
const place = placeWindow(undefined, []);
const look = { title: 'Mirrorfleet', bridge: '/b.cjs', dark: false, development: false, place, state };

/** Reads the argument as preload/bridge.ts does. */
const read = (argument: string): unknown =>
  JSON.parse(decodeURIComponent(argument.slice('--mirrorfleet-initial='.length)));

test('a window is not shown before it is drawn, and its ground is that of the pages in either scheme', () => {
  expect(windowOptions(look)).toMatchObject({
    show: false,
    backgroundColor: ground.light,
    minWidth: 720,
    minHeight: 480,
  });
  expect(windowOptions({ ...look, dark: true }).backgroundColor).toBe(ground.dark);
  const colours = readFileSync(join(import.meta.dirname, '../../../renderer/theme/colours.css'), 'utf8');
  const grounds = [...colours.matchAll(/--mf-ground: (#\w+);/g)].map(([, colour]) => colour);
  expect(grounds).toEqual([ground.light, ground.dark]);
});

test('the page knows the state before anything is drawn', () => {
  expect(windowOptions(look).webPreferences?.additionalArguments).toEqual([initialArgument(state)]);
  const told: ShellState = { ...state, core: { state: 'stopped', own: true, problem }, problem };
  expect(shellStateSchema.parse(read(initialArgument(told)))).toEqual(told);
});

test('a state fits into a command line whatever its problems hold, and is one still', () => {
  const long = { ...problem, detail: { output: '输出'.repeat(20_000) } };
  const told: ShellState = { ...state, core: { state: 'stopped', own: true, problem: long }, problem: long };
  const argument = initialArgument(told);
  expect(argument.length).toBeLessThan(16_000);
  expect(shellStateSchema.parse(read(argument))).toEqual({ ...told, core: { ...told.core, problem }, problem });
});
