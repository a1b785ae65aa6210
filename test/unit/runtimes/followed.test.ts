import { expect, test } from 'vitest';
import type { Proof } from '../../../preload/contract/runtime.ts';
import { followed } from '../../../main/runtimes/followed.ts';
import type { SwitchRecord } from '../../../main/runtimes/switch-records.ts';

const proof: Proof = { at: 1, node: 'tokyo', image: 'x', requestId: 'r', certificate: 'c', requests: 1 };
const record: SwitchRecord = {
  state: 'switched',
  route: ['tokyo'],
  mirrors: ['a', 'b'],
  files: {},
  interim: [],
  backups: [],
  folders: [],
  at: 0,
  proof,
};
const first = { first: true };
const anywhere = { first: false };

test.each([
  ['ours lead the list', record, ['a', 'b', 'own'], first, { route: ['tokyo'], proof }],
  ['ours stand behind another that is asked first', record, ['own', 'a', 'b'], first, {}],
  ['ours are in use for their registries', record, ['own', 'b', 'a'], anywhere, { route: ['tokyo'], proof }],
  ['one of ours is gone', record, ['a'], anywhere, {}],
  ['there are no mirrors', undefined, [], first, { route: [] }],
  ['all mirrors are the user’s', undefined, ['own'], first, {}],
  ['nothing of ours is on record', { ...record, mirrors: [] }, ['own'], first, {}],
  ['the mirrors are not known', record, undefined, anywhere, {}],
  // Its record is of the way back, so it names no node; the engine still pulls through one.
  ['the way to direct was interrupted', { ...record, state: 'switching' as const, route: [] }, ['a', 'b'], first, {}],
] as const)('what an engine follows where %s', (_, known, mirrors, order, expected) => {
  expect(followed(known as SwitchRecord | undefined, mirrors, order)).toEqual(expected);
});
