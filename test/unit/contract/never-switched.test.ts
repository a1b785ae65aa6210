import { expect, test } from 'vitest';
import problems from '../../../resources/translations/zh-CN/problems.json' with { type: 'json' };
import { neverSwitched } from '../../../preload/contract/never-switched.ts';

/** Every code that is said in another language, which a test holds to the source: a reason that was renamed there is no reason any more. */
const known = Object.keys(problems);

test.each([
  'docker-is-podman',
  'docker-vm-not-yet',
  'docker-rootless-not-yet',
  'docker-snap-not-yet',
  'docker-containerd-store',
  'docker-too-old',
  'docker-not-local',
  'docker-config-elsewhere',
  'containerd-config-elsewhere',
  'containerd-version-not-yet',
  'containerd-cri-disabled',
  'podman-remote-not-yet',
  'podman-too-old',
])('an engine that is of a kind that cannot be switched (%s) is left out of a switch of all', (code) => {
  expect(known).toContain(code);
  expect(neverSwitched({ code })).toBe(true);
});

test.each([
  'docker-stopped',
  'docker-absent',
  'podman-absent',
  'containerd-absent',
  'containerd-config-syntax',
  'docker-context-unreadable',
])('an engine that something is wrong with (%s) is not', (code) => {
  expect(neverSwitched({ code })).toBe(false);
});

test('nor is an engine without a problem', () => {
  expect(neverSwitched(undefined)).toBe(false);
});
