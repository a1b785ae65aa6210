import { describe, expect, test } from 'vitest';
import type { Proof, Route, RuntimeView } from '../../../preload/contract/runtime.ts';
import { sameRoute } from '../../../preload/contract/same-route.ts';
import { type Standing, standingOf } from '../../../preload/contract/standing.ts';

const docker: RuntimeView = { id: 'docker', engine: 'Docker', state: 'found', mirrors: [], route: ['tokyo', 'osaka'] };
const proof: Proof = {
  node: 'osaka',
  at: 1,
  image: 'docker.io/library/nginx',
  requestId: 'a',
  certificate: 'b',
  requests: 1,
};
const nodes = [
  { name: 'tokyo', state: 'down' },
  { name: 'osaka', state: 'up' },
] as const;

describe('what a route is worth now', () => {
  test.each<[string, RuntimeView, Standing]>([
    ['by the node that it was proven through', { ...docker, proof }, { kind: 'proven', proof }],
    [
      'by that node’s state, where it is not well',
      { ...docker, proof: { ...proof, node: 'tokyo' } },
      { kind: 'lapsed', proof: { ...proof, node: 'tokyo' }, state: 'down' },
    ],
    [
      'by nothing, where that node is none of the fleet any more',
      { ...docker, route: ['kyoto'], proof: { ...proof, node: 'kyoto' } },
      { kind: 'lapsed', proof: { ...proof, node: 'kyoto' }, state: 'unknown' },
    ],
    [
      'by whose mirrors it leads through',
      { ...docker, route: undefined, mirrors: ['https://m.example'] },
      { kind: 'foreign', mirrors: ['https://m.example'] },
    ],
    ['by nothing, where it is not known and no mirror is set', { ...docker, route: undefined }, { kind: 'unknown' }],
  ])('is known %s', (_what, view, standing) => {
    expect(standingOf(view, nodes)).toEqual(standing);
  });
});

test.each<[Route | undefined, Route | undefined, boolean]>([
  [[], [], true],
  [['a', 'b'], ['a', 'b'], true],
  [['a', 'b'], ['b', 'a'], false],
  [['a'], ['a', 'b'], false],
  [['a', 'b'], ['a'], false],
  [['a', 'b'], ['a', 'c'], false],
  [[], undefined, false],
  [undefined, [], false],
  [undefined, undefined, false],
])('whether %j and %j are the same route: %j', (a, b, same) => {
  expect(sameRoute(a, b)).toBe(same);
});
