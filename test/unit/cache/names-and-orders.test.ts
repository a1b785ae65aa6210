import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fullImageName } from '../../../main/cache/image-name.ts';
import { readInventory } from '../../../main/cache/inventory.ts';
import { manifestReferences } from '../../../main/cache/manifest.ts';
import { keptPath, pruneOrder } from '../../../main/cache/prune-order.ts';
import { planPrune } from '../../../main/cache/prune-plan.ts';
import { PruneReportReader } from '../../../main/cache/prune-report.ts';
import { hexOf, modelCache, snapshotOf } from './cache-model.ts';

describe('an image name', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:alpine', 'docker.io/library/nginx:alpine'],
    ['grafana/grafana', 'docker.io/grafana/grafana:latest'],
    ['docker.io/nginx:1', 'docker.io/library/nginx:1'],
    ['ghcr.io/a/b:c', 'ghcr.io/a/b:c'],
    ['index.docker.io/nginx:1', 'docker.io/library/nginx:1'],
    ['registry.example:5000/x', 'registry.example:5000/x:latest'],
    ['localhost/x', 'localhost/x:latest'],
    ['localhost:5000/x:1', 'localhost:5000/x:1'],
    ['registry.example/x@sha256:ab', 'registry.example/x@sha256:ab'],
    ['nginx:alpine@sha256:ab', 'docker.io/library/nginx@sha256:ab'],
  ])('%s means %s', (typed, full) => {
    expect(fullImageName(typed)).toBe(full);
    expect(fullImageName(full)).toBe(full);
  });
});

describe('the references of a manifest', () => {
  const text = (value: unknown) => Buffer.from(JSON.stringify(value));
  const digest = `sha256:${hexOf('a')}`;
  it.each([
    ['an OCI manifest', { config: { digest }, layers: [] }, { children: [], blobs: [hexOf('a')], config: hexOf('a') }],
    ['an index', { manifests: [{ digest }] }, { children: [hexOf('a')], blobs: [], platforms: [undefined] }],
    [
      'an index with platforms',
      { manifests: [{ digest, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }] },
      { children: [hexOf('a')], blobs: [], platforms: ['linux/arm64/v8'] },
    ],
    [
      'an attestation, which is for no platform',
      { manifests: [{ digest, platform: { os: 'unknown', architecture: 'unknown' } }] },
      { children: [hexOf('a')], blobs: [], platforms: [undefined] },
    ],
    [
      'an index that names a platform without its architecture, or with a word that is none',
      {
        manifests: [
          { digest, platform: { os: 'linux' } },
          { digest: `sha256:${hexOf('b')}`, platform: { os: 'Linux 6', architecture: 'amd64' } },
          { digest: `sha256:${hexOf('c')}`, platform: { os: 'linux', architecture: 'arm', variant: 'v 7' } },
        ],
      },
      { children: ['a', 'b', 'c'].map(hexOf), blobs: [], platforms: [undefined, undefined, 'linux/arm'] },
    ],
    [
      'a manifest with layers and other files',
      { layers: [{ digest }], blobs: [{ digest: `sha256:${hexOf('b')}` }] },
      { children: [], blobs: [hexOf('a'), hexOf('b')] },
    ],
    ['a manifest of nothing', {}, { children: [], blobs: [] }],
    ['schema 1', { fsLayers: [{ blobSum: digest }, { blobSum: digest }] }, { children: [], blobs: [hexOf('a')] }],
  ])('are read from %s', (_, value, expected) => {
    expect(manifestReferences(text(value))).toEqual(expected);
  });
  it.each([
    ['another digest than SHA-256', text({ layers: [{ digest: 'sha512:00' }] })],
    ['a digest with more after it', text({ manifests: [{ digest: `${digest}0` }] })],
    ['a digest with something before it', text({ config: { digest: ` ${digest}` } })],
    ['layers that are no list', text({ layers: {} })],
    ['a list', text([])],
    ['letters that are no UTF-8', Buffer.from('{"author":"\u00fc"}', 'latin1')],
    ['no JSON', Buffer.from('{')],
    ['no text', Buffer.from([0xff, 0xfe])],
  ])('are unknown for %s', (_, bytes) => {
    expect(manifestReferences(bytes)).toBeUndefined();
  });
});

describe('an order to prune', () => {
  it('has one line for each name, counted at its end, in plain characters only', () => {
    fc.assert(
      fc.property(modelCache, ({ images, orphans }) => {
        const inventory = readInventory(snapshotOf(images, orphans));
        const order = pruneOrder(planPrune(inventory, { kind: 'all' }), inventory.snapshot.at);
        const lines = order.trimEnd().split('\n');
        expect(lines.at(-1)).toBe(`end ${lines.length - 2}`);
        expect(order).toMatch(/^[\w ./\-\n]+$/);
        expect(order).not.toContain('..');
      }),
    );
  });

  it.each(['../x', 'a b', 'A', '', 'a/../b', 'a//b', '/etc'])('never carries the repository %j', (repository) => {
    const plan = planPrune(readInventory(snapshotOf([])), { kind: 'all' });
    const tags = [{ storage: 'docker.io', repository, name: '1' }];
    expect(() => pruneOrder({ ...plan, tags }, '1')).toThrow('A name to prune is not one.');
  });

  const hex = hexOf('x');
  const at = { storage: 'ghcr.io', repository: 'team/a' };
  const empty = planPrune(readInventory(snapshotOf([])), { kind: 'all' });

  it('says of each name what it is and where', () => {
    const plan = {
      ...empty,
      tags: [{ ...at, name: 'v1.0' }],
      revisions: [{ ...at, name: hex }],
      layers: [{ ...at, name: hexOf('y') }],
      blobs: [hex],
    };
    expect(pruneOrder(plan, '5.5')).toBe(
      `mirrorfleet-prune 1 5.5\nT ghcr.io team/a v1.0\nR ghcr.io team/a ${hex}\nL ghcr.io team/a ${hexOf('y')}\nB ${hex}\nend 4\n`,
    );
  });

  it.each(['a', 'ab.cd/e_f', 'ab__cd/ef__gh', 'ab---cd/ef--gh', 'team/ab-cd.ef_gh/ij', 'a'.repeat(255)])(
    'carries the repository %j',
    (repository) => {
      const plan = {
        ...empty,
        tags: [
          { storage: 'a'.repeat(255), repository, name: '1' },
          { ...at, storage: 'a', name: '1' },
        ],
      };
      expect(pruneOrder(plan, '1').split('\n')).toContain(`T ${'a'.repeat(255)} ${repository} 1`);
      expect(() =>
        pruneOrder({ ...empty, tags: [{ ...at, repository: `${'b'.repeat(256)}`, name: '1' }] }, '1'),
      ).toThrow();
    },
  );

  const names = ['', '..', 'a b', 'a/b', `${hex}\n`, `${hex}0`, `x${hex}`];
  it.each(names)('never carries %j for a tag, a manifest, a layer or a file', (name) => {
    const none = 'A name to prune is not one.';
    expect(() =>
      pruneOrder(
        { ...empty, tags: [{ ...at, name: name.startsWith(hex) ? `${name} ` : name.replace('x', '-') }] },
        '1',
      ),
    ).toThrow(none);
    expect(() => pruneOrder({ ...empty, revisions: [{ ...at, name }] }, '1')).toThrow(none);
    expect(() => pruneOrder({ ...empty, layers: [{ ...at, name }] }, '1')).toThrow(none);
    expect(() => pruneOrder({ ...empty, blobs: [name] }, '1')).toThrow('A blob to prune has no digest for a name.');
  });

  it.each(['blobs', 'offline', '..', '', 'a/b', 'a_b', '-a', 'a-', `${'a'.repeat(256)}`, 'A', 'a_123456', 'a_1_2'])(
    'never goes below %j, which is the folder of no upstream',
    (storage) => {
      const tags = [{ storage, repository: 'a', name: '1' }];
      expect(() => pruneOrder({ ...empty, tags }, '1')).toThrow('A name to prune is not one.');
    },
  );

  it('is answered with the paths of what had to stay', () => {
    expect(keptPath('tags', { ...at, name: 'v1' })).toBe(
      'ghcr.io/docker/registry/v2/repositories/team/a/_manifests/tags/v1',
    );
    expect(keptPath('revisions/sha256', { ...at, name: hex })).toBe(
      `ghcr.io/docker/registry/v2/repositories/team/a/_manifests/revisions/sha256/${hex}`,
    );
  });
});

describe('the report of a prune', () => {
  const read = (text: string) => {
    const said: string[] = [];
    const reader = new PruneReportReader({
      stage: (stage) => said.push(stage),
      blobs: (removed, total) => said.push(`${removed}/${total}`),
    });
    for (const byte of Buffer.from(text)) reader.push(Uint8Array.of(byte));
    return { said, report: reader.finish() };
  };
  it('tells the stages, the progress and the measured end', () => {
    const { said, report } = read('step tags\nstep blobs 3\nremoved 2\nremoved 1\nkept a/b\nfreed 4096 3\ndone\n');
    expect(said).toEqual(['tags', 'blobs', '0/3', '2/3', '3/3']);
    expect(report).toEqual({ freedBytes: 4096, blobs: 3, kept: new Set(['a/b']) });
  });
  it('is none when it breaks off', () => {
    expect(read('step tags\nfreed 1 1\n').report).toBeUndefined();
  });
  it.each(['hello\n', 'freed x 1\n', 'step dance\n', 'a b c d\n', 'x'.repeat(2000)])('refuses %j', (text) => {
    expect(() => read(text)).toThrow(/not a report/);
  });
});
