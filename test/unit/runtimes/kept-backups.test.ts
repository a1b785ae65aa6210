import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keptBackups } from '../../../main/runtimes/kept-backups.ts';

test('however often an engine is switched, the originals and the last backups stay, and no more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 3 }), (switches, each) => {
      let ids: readonly string[] = [];
      for (let at = 0; at < switches; at += 1) {
        const made = Array.from({ length: each }, (_, part) => `docker-${at}-${part}`);
        const { keep, forget } = keptBackups([...ids, ...made]);
        expect([...keep, ...forget].toSorted()).toEqual([...ids, ...made].toSorted());
        expect(keep).toContain('docker-0-0');
        expect(keep.slice(-each)).toEqual(made);
        expect(keep.length).toBeLessThanOrEqual(10);
        ids = keep;
      }
    }),
  );
});

test('few backups all stay', () => {
  const ids = Array.from({ length: 10 }, (_, at) => `docker-${at}`);
  expect(keptBackups(ids)).toEqual({ keep: ids, forget: [] });
});
