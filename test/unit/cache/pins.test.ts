import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addPins, readPins } from '../../../main/cache/pin-file.ts';
import { pinName } from '../../../main/cache/pin-names.ts';
import { pinsIn, withPins, withoutPins } from '../../../main/cache/pins-text.ts';
import type { Host } from '../../../main/hosts/host.ts';
import { hexOf } from './cache-model.ts';

const digest = `sha256:${hexOf('a')}`;

describe('a pin', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx'],
    ['nginx:alpine', 'docker.io/library/nginx:alpine'],
    ['docker.io/nginx', 'docker.io/library/nginx'],
    ['index.docker.io/grafana/grafana', 'docker.io/grafana/grafana'],
    ['k8s.gcr.io/pause:3.9', 'registry.k8s.io/pause:3.9'],
    ['ghcr.io/a/b', 'ghcr.io/a/b'],
    ['registry.example:5000/x', 'registry.example:5000/x'],
    [`nginx:alpine@${digest}`, `docker.io/library/nginx@${digest}`],
  ])('%s means %s', (typed, full) => {
    expect(pinName(typed)).toBe(full);
    expect(pinName(full)).toBe(full);
  });

  it.each([
    '',
    ':',
    'nginx:',
    'UPPER/case',
    'a b',
    '../x',
    'ghcr.io/',
    'nginx@sha256:12',
    `nginx@sha999:${hexOf('a')}`,
    `nginx@${digest}@x`,
    'a//b',
  ])('%j is none', (typed) => {
    expect(pinName(typed)).toBeUndefined();
  });
});

describe('a file of pins', () => {
  const hand = '# ours\r\nnginx:alpine   # for the demo\n\nnot a pin\nghcr.io/a/b\r\nnginx:alpine';

  it('is read as people write it: comments, blanks, short names, ends of lines', () => {
    expect(pinsIn(hand)).toEqual(['docker.io/library/nginx:alpine', 'ghcr.io/a/b']);
  });

  it('is read to its last line, whether that ends or not', () => {
    expect(pinsIn('nginx\nghcr.io/a/b')).toEqual(['docker.io/library/nginx', 'ghcr.io/a/b']);
    expect(withoutPins('nginx\nghcr.io/a/b', ['docker.io/library/nginx'])).toBe('ghcr.io/a/b\n');
  });

  it('gets pins at its end, once, and a heading when it is new', () => {
    const added = withPins(hand, ['quay.io/x/y', 'ghcr.io/a/b', 'quay.io/x/y']);
    expect(added).toBe(`${hand}\nquay.io/x/y\n`);
    expect(withPins(added, ['quay.io/x/y'])).toBe(added);
    const fresh = withPins('', ['quay.io/x/y']);
    expect(fresh).toMatch(/^# Images that Mirrorfleet never prunes/);
    expect(pinsIn(fresh)).toEqual(['quay.io/x/y']);
  });

  it('loses the lines of what is unpinned and no other', () => {
    expect(withoutPins(hand, ['docker.io/library/nginx:alpine'])).toBe('# ours\r\n\nnot a pin\nghcr.io/a/b\r\n');
  });

  it('after a pin and an unpin is what it was, whatever stood in it', () => {
    const line = fc.oneof(fc.constantFrom('# x', '', '  ', 'nginx', 'a b', 'ghcr.io/a/b:1 # why'), fc.string());
    fc.assert(
      fc.property(fc.array(line.map((text) => text.replaceAll('\n', ' '))), (lines) => {
        const text = lines.map((each) => `${each}\n`).join('');
        const pinned = withPins(text, ['quay.io/new/one:1']);
        expect(pinsIn(pinned)).toContain('quay.io/new/one:1');
        if (text !== '' && !pinsIn(text).includes('quay.io/new/one:1'))
          expect(withoutPins(pinned, ['quay.io/new/one:1'])).toBe(text);
      }),
    );
  });
});

describe('the file of pins on a node', () => {
  const spec = { name: 'tokyo', base: '/opt/mirrorfleet' };
  /** A node whose file holds these bytes; what is written is kept, where the writer knew them. */
  function nodeWith(bytes: Buffer) {
    const written: string[] = [];
    const host = {
      run: async ({ onOutput }: Parameters<Host['run']>[0]) => {
        // In two pieces, so that a letter may be cut in two.
        onOutput?.(bytes.subarray(0, 9));
        onOutput?.(bytes.subarray(9));
        return { code: 0, stdout: '', stderr: '' };
      },
      replaceFile: async (_path: string, after: Uint8Array, { expect: hash }: Parameters<Host['replaceFile']>[2]) => {
        expect(hash).toBe(hexOf(bytes));
        written.push(Buffer.from(after).toString());
      },
    } as unknown as Host;
    return { host, written };
  }

  it('keeps every byte but the pins, whatever language its comments have', async () => {
    const { host, written } = nodeWith(Buffer.from('\ufeff# 演示用\nnginx\n'));
    expect(await addPins(host, spec, ['ghcr.io/a/b'])).toContain('ghcr.io/a/b');
    expect(written).toEqual(['\ufeff# 演示用\nnginx\nghcr.io/a/b\n']);
  });

  it('in another encoding is read, and never written: that is said for what it is', async () => {
    const { host, written } = nodeWith(Buffer.from('# für die Vorführung\nnginx\n', 'latin1'));
    expect(await readPins(host, spec)).toEqual(['docker.io/library/nginx']);
    await expect(addPins(host, spec, ['ghcr.io/a/b'])).rejects.toMatchObject({
      problem: {
        code: 'pins-not-text',
        message: 'The file of pins of tokyo is not UTF-8 text, so it was left as it is.',
        hint: 'Save /opt/mirrorfleet/pins as UTF-8 on the server, then try again.',
      },
    });
    expect(written).toEqual([]);
  });
});
