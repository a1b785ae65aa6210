import { expect, test } from 'vitest';
import { formatPlace, type Place, parsePlace, sectionOf } from '../../../renderer/place/place.ts';

test.each<[string, Place]>([
  ['', { page: 'fleet' }],
  ['#', { page: 'fleet' }],
  ['#/fleet', { page: 'fleet' }],
  ['#/fleet/tokyo', { page: 'node', node: 'tokyo' }],
  ['#/fleet/tokyo?show=plan', { page: 'node', node: 'tokyo', show: 'plan' }],
  ['#/fleet/tokyo/docker.io', { page: 'mirror', node: 'tokyo', upstream: 'docker.io' }],
  ['#/fleet/tokyo/registry.example%3A5000', { page: 'mirror', node: 'tokyo', upstream: 'registry.example:5000' }],
  ['#/add', { page: 'add' }],
  ['#/add?node=tokyo', { page: 'add', node: 'tokyo' }],
  ['#/runtimes?route=tokyo', { page: 'runtimes', route: 'tokyo' }],
  ['#/cache?node=tokyo&search=nginx+1', { page: 'cache', node: 'tokyo', search: 'nginx 1' }],
  ['#/cache?show=prune', { page: 'cache', show: 'prune' }],
  ['#/activity?subject=tokyo', { page: 'activity', subject: 'tokyo' }],
  ['#/settings?search=vault', { page: 'settings', search: 'vault' }],
  ['#/link-refused?kind=join', { page: 'link-refused', kind: 'join' }],
  ['#/link-refused?kind=unknown', { page: 'link-refused', kind: 'unknown' }],
  ['#/link-refused?kind=format-the-disk', { page: 'link-refused', kind: 'unknown' }],
])('%s is a place, and the place is written so that it is found again', (hash, place) => {
  expect(parsePlace(hash)).toEqual(place);
  expect(parsePlace(formatPlace(place))).toEqual(place);
});

test.each(['#/nowhere', '#/fleet/a/b/c', '#/runtimes/docker', '#token=abc'])('%s is no place of ours', (hash) => {
  expect(parsePlace(hash)).toEqual({ page: 'unknown', address: hash });
});

test('an address that was written by hand with a stray % is taken as it stands', () => {
  expect(parsePlace('#/fleet/50%')).toEqual({ page: 'node', node: '50%' });
});

test('the pages of one node belong to the fleet in the navigation', () => {
  expect(sectionOf({ page: 'mirror', node: 'tokyo', upstream: 'ghcr.io' })).toBe('fleet');
  expect(sectionOf({ page: 'cache' })).toBe('cache');
  expect(sectionOf({ page: 'link-refused', kind: 'join' })).toBeUndefined();
});
