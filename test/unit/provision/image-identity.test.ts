import { describe, expect, it } from 'vitest';
import {
  broughtImages,
  imageIdentities,
  imageStandings,
  type NodeImages,
  parseReference,
} from '../../../main/provision/image-identity.ts';
import { parseNodeState } from '../../../main/provision/node-state.ts';
import type { Observed } from '../../../main/provision/observed.ts';
import { shellOf } from '../../../main/provision/shell-of.ts';
import { appliedServer, emptyServer } from './node-fixture.ts';

const id = (letter: string): string => `sha256:${letter.repeat(64)}`;
const images: NodeImages = { registry: { reference: 'registry:1' }, envoy: { reference: 'envoy:1' } };
const image = (letter: string, name: string) => ({
  id: id(letter),
  bytes: 1,
  tags: [`${name}:1`],
  digests: [`${name}@${id('d')}`],
});
const brought = (text: string): Observed['files'] => ({
  '.brought': { hash: '', mode: 0, uid: 0, gid: 0, bytes: 1, text },
});

describe('where an image stands', () => {
  it('is missing on a server that has none of that name', () => {
    expect(imageStandings(images, emptyServer)).toEqual({
      registry: { kind: 'missing', source: { reference: 'registry:1' } },
      envoy: { kind: 'missing', source: { reference: 'envoy:1' } },
    });
  });

  it('is what the engine has under that name, and ours where our list there says that we brought it', () => {
    const server = {
      ...emptyServer,
      images: { 'registry:1': image('a', 'registry'), 'envoy:1': image('b', 'envoy') },
      files: brought(`${id('b')}\n`),
    };
    expect(imageStandings(images, server)).toEqual({
      registry: {
        kind: 'present',
        record: {
          reference: 'registry:1',
          identity: `registry:1@${id('d')}`,
          id: id('a'),
          tags: ['registry:1'],
          ours: false,
        },
      },
      envoy: {
        kind: 'present',
        record: { reference: 'envoy:1', identity: `envoy:1@${id('d')}`, id: id('b'), tags: ['envoy:1'], ours: true },
      },
    });
  });

  const { state } = appliedServer;
  const recorded = state?.images.envoy;
  if (recorded === undefined) throw new Error('the fixture has a state');
  const moved = { 'envoy:1': image('e', 'envoy') };
  it.each<[string, NodeImages, Observed['images'], string | undefined]>([
    [
      'there still, whatever its tag names by now',
      images,
      { [recorded.identity]: { ...image('f', 'envoy'), id: recorded.id }, ...moved },
      recorded.id,
    ],
    ['there no more', images, moved, id('e')],
    ['another by that name', images, { [recorded.identity]: image('f', 'envoy'), ...moved }, id('e')],
    [
      'no longer the one that is asked for',
      { ...images, envoy: { reference: 'envoy:2' } },
      { [recorded.identity]: { ...image('f', 'envoy'), id: recorded.id } },
      undefined,
    ],
  ])('is the one of the last apply unless that is %s', (_, wanted, there, expected) => {
    const { envoy } = imageStandings(wanted, { ...appliedServer, images: there });
    expect(envoy.kind === 'present' ? envoy.record.id : undefined).toBe(expected);
  });

  it('is named in the Compose file by what it is, and by its reference until it is there', () => {
    const { envoy } = imageStandings(images, { ...emptyServer, images: { 'envoy:1': image('b', 'envoy') } });
    const registry = { kind: 'missing', source: { reference: 'registry:1' } } as const;
    expect(imageIdentities({ envoy, registry })).toEqual({ envoy: `envoy:1@${id('d')}`, registry: 'registry:1' });
  });
});

it('takes of the list of brought images what are ids, and nothing of a list that is not there', () => {
  const text = [id('a'), `x${id('b')}`, `${id('c')}0`, 'sha256:short', '', id('d')].join('\n');
  expect(broughtImages({ files: brought(text) })).toEqual([id('a'), id('d')]);
  expect(broughtImages({ files: {} })).toEqual([]);
});

it.each([
  ['registry', { repository: 'registry' }],
  ['registry:3', { repository: 'registry', tag: '3' }],
  ['localhost:5000/a/b:v1.2-x', { repository: 'localhost:5000/a/b', tag: 'v1.2-x' }],
  ['registry@sha256:ff', { repository: 'registry', digest: 'sha256:ff' }],
  ['registry@', { repository: 'registry' }],
  [`a:${'t'.repeat(128)}`, { repository: 'a', tag: 't'.repeat(128) }],
  [`a:${'t'.repeat(129)}`, { repository: `a:${'t'.repeat(129)}` }],
])('reads the reference %s', (reference, expected) => {
  expect(parseReference(reference)).toEqual(expected);
});

describe('the state of a node', () => {
  const { state } = appliedServer;
  if (state === undefined) throw new Error('the fixture has a state');
  const { envoy } = state.images;
  it.each<[string, unknown]>([
    ['of a later format', { ...state, format: 2 }],
    [
      'with an identity that no Compose file could hold',
      { ...state, images: { ...state.images, envoy: { ...envoy, identity: 'a b' } } },
    ],
    [
      'with an identity without end',
      { ...state, images: { ...state.images, envoy: { ...envoy, identity: 'a'.repeat(301) } } },
    ],
    ['with an empty identity', { ...state, images: { ...state.images, envoy: { ...envoy, identity: '' } } }],
    ['with a hash that is none', { ...state, files: { a: 'f'.repeat(63) } }],
    ['with a hash that is too long', { ...state, services: { a: 'f'.repeat(65) } }],
    ['with one image alone', { ...state, images: { envoy } }],
    ['without a spec', { ...state, spec: undefined }],
  ])('is taken for none of ours %s', (_, value) => {
    expect(parseNodeState(JSON.stringify(value))).toBeUndefined();
    expect(parseNodeState(JSON.stringify(state))).toEqual(state);
  });
});

it.each([
  [{ destination: 'ops@192.0.2.7' }, 'ssh ops@192.0.2.7'],
  [
    { destination: 'alpha', port: 2222, identityFile: '/home/ada/my key', jump: 'bastion' },
    "ssh -p 2222 -i '/home/ada/my key' -J bastion alpha",
  ],
])('tells how to be on the machine of %j', (target, expected) => {
  expect(shellOf(target)).toBe(expected);
});
