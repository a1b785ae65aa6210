import { expect, it } from 'vitest';
import { identityOf } from '../../../main/provision/image-identity.ts';
import type { Observed } from '../../../main/provision/observed.ts';
import { fileDiff } from '../../../main/provision/plan-files.ts';
import { planNode } from '../../../main/provision/plan-node.ts';
import { appliedServer, desired, spec, standings } from './node-fixture.ts';

const id = `sha256:${'c'.repeat(64)}`;
const other = `sha256:${'d'.repeat(64)}`;

it.each<[string, string, readonly string[], string]>([
  [
    'the digest that is asked for',
    `registry:3@${other}`,
    [`registry@${id}`, `registry@${other}`],
    `registry:3@${other}`,
  ],
  ['the one that is known where another is asked for', `registry:3@${other}`, [`registry@${id}`], `registry:3@${id}`],
  ['its id where an image of like name is known', 'ghcr.io/library/registry:3', [`ghcr.io/registry@${other}`], id],
  ['its id where a mirror of that name is known', 'my.docker.io/registry:3', [`my.registry@${other}`], id],
  ['its id where no digest is one', 'registry:3', ['registry@sha256:dd', `registry@${other}`], id],
  ['its id where a digest has more to it', 'registry:3', [`registry@${other}0`], id],
  ['its id where a digest has more before it', 'registry:3', [`registry@x${other}`], id],
  ['its id where a name has no digest', 'registry:3', ['registry'], id],
])('an image is named by %s', (_, reference, digests, expected) => {
  expect(identityOf(reference, { id, digests })).toBe(expected);
});

it('a node whose project and containers were deleted by hand is no new one: an undo must not take its cache', () => {
  const { 'compose.yaml': _, ...files } = appliedServer.files;
  const observed: Observed = { ...appliedServer, files, containers: [] };
  expect(planNode({ spec, desired, standings, observed, installEngine: false }).fresh).toBe(false);
});

it('a diff holds every line of a file, also one that looks like a rule', () => {
  expect(fileDiff('a', 'x\n', '=====\ny=====\n').split('\n').slice(3)).toEqual(['-x', '+=====', '+y=====', '']);
});
