import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RankedNode, rankNodes } from '../../../preload/contract/ranking.ts';

const node = (name: string, latencyMs?: number, state: RankedNode['state'] = 'up'): RankedNode => ({
  name,
  state,
  ...(latencyMs !== undefined && { latencyMs }),
});

describe('the order of nodes', () => {
  it.each<[string, RankedNode[], string[], string[]]>([
    ['puts the faster first', [node('a', 200), node('b', 90)], [], ['b', 'a']],
    ['keeps the standing order of two that are about as fast', [node('a', 100), node('b', 90)], ['a', 'b'], ['a', 'b']],
    ['lets the clearly faster overtake', [node('a', 100), node('b', 60)], ['a', 'b'], ['b', 'a']],
    ['does not let a few ms overtake', [node('a', 9), node('b', 3)], ['a', 'b'], ['a', 'b']],
    [
      'puts what serves everything before what is fast',
      [node('a', 10, 'degraded'), node('b', 90)],
      ['a', 'b'],
      ['b', 'a'],
    ],
    ['puts what is down last', [node('a', 10, 'down'), node('b', undefined, 'unknown')], ['a', 'b'], ['b', 'a']],
    ['puts the unmeasured after the measured', [node('a'), node('b', 900)], [], ['b', 'a']],
    [
      'lets a new node in where it belongs',
      [node('a', 100), node('b', 200), node('c', 150)],
      ['a', 'b'],
      ['a', 'c', 'b'],
    ],
    ['puts a new node by its latency alone', [node('a', 100), node('c', 99)], ['a'], ['c', 'a']],
    ['puts a new node after one that is as fast', [node('c', 100), node('a', 100)], ['a'], ['a', 'c']],
    ['puts a new node before one that is gone from the fleet', [node('c', 100)], ['a'], ['c']],
    ['lets nobody overtake by a fifth', [node('a', 100), node('b', 80)], ['a', 'b'], ['a', 'b']],
    ['lets overtake by more than a fifth', [node('a', 100), node('b', 79)], ['a', 'b'], ['b', 'a']],
    ['lets nobody overtake by 10 ms', [node('a', 40), node('b', 30)], ['a', 'b'], ['a', 'b']],
    ['lets overtake by more than 10 ms', [node('a', 40), node('b', 29)], ['a', 'b'], ['b', 'a']],
    ['keeps the order of two that are not measured', [node('a'), node('b')], ['b', 'a'], ['b', 'a']],
    ['lets a measured one overtake one that is not', [node('a'), node('b', 900)], ['a', 'b'], ['b', 'a']],
    [
      'lets the fastest overtake several',
      [node('a', 300), node('b', 200), node('c', 100)],
      ['a', 'b', 'c'],
      ['c', 'b', 'a'],
    ],
    [
      'stops the faster behind one that it does not overtake',
      [node('a', 300), node('b', 105), node('c', 100)],
      ['a', 'b', 'c'],
      ['b', 'c', 'a'],
    ],
    [
      'takes the nodes in the order that stands, not in the order they are named',
      [node('c', 100), node('b', 100), node('a', 100)],
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ],
    [
      'goes by how well they serve before anything else',
      [
        node('a', 1, 'down'),
        node('b', 2, 'unknown'),
        node('c', 3, 'degraded'),
        node('d', 4, 'slow'),
        node('e', 900, 'up'),
      ],
      ['a', 'b', 'c', 'd', 'e'],
      ['e', 'd', 'c', 'b', 'a'],
    ],
  ])('%s', (_, nodes, previous, expected) => {
    expect(rankNodes(nodes, previous)).toEqual(expected);
  });

  const nodes = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      state: fc.constantFrom<RankedNode['state']>('up', 'slow', 'degraded', 'down', 'unknown'),
      latencyMs: fc.integer({ min: 1, max: 1000 }),
    }),
    { selector: (each) => each.name },
  );

  it('stands still while nothing changes', () => {
    fc.assert(
      fc.property(nodes, (fleet) => {
        const first = rankNodes(fleet);
        expect(first.toSorted()).toEqual(fleet.map((each) => each.name).toSorted());
        expect(rankNodes(fleet, first)).toEqual(first);
      }),
    );
  });
});
