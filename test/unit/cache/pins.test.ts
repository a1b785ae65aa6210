import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pinName } from '../../../main/cache/pin-names.ts';
import { pinsIn, withPins, withoutPins } from '../../../main/cache/pins-text.ts';
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

  it.each(['', ':', 'nginx:', 'UPPER/case', 'a b', '../x', 'ghcr.io/', 'nginx@sha256:12', `nginx@${digest}@x`, 'a//b'])(
    '%j is none',
    (typed) => {
      expect(pinName(typed)).toBeUndefined();
    },
  );
});

describe('a file of pins', () => {
  const hand = '# ours\r\nnginx:alpine   # for the demo\n\nnot a pin\nghcr.io/a/b\r\nnginx:alpine';

  it('is read as people write it: comments, blanks, short names, ends of lines', () => {
    expect(pinsIn(hand)).toEqual(['docker.io/library/nginx:alpine', 'ghcr.io/a/b']);
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
