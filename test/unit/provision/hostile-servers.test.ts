import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeLayout } from '../../../main/fleet/node-layout.ts';
import { announcedVersion } from '../../../main/provision/desired.ts';
import { parseEdgeStats } from '../../../main/provision/edge-stats.ts';
import { identityOf, parseReference } from '../../../main/provision/image-identity.ts';
import { takeLock } from '../../../main/provision/node-lock.ts';
import { parseNodeState, printNodeState } from '../../../main/provision/node-state.ts';
import { parseLock, parseObservation } from '../../../main/provision/parse-observation.ts';
import { parsePreflight } from '../../../main/provision/preflight-facts.ts';
import { tarArchive } from '../../../main/provision/tar-archive.ts';
import { ProblemError } from '../../../preload/contract/problem.ts';
import { answering, problemFrom } from './answering-host.ts';
import { appliedServer, spec } from './node-fixture.ts';

const binary = fc.string({ unit: 'binary', maxLength: 200 });
const hash = 'c'.repeat(64);

function within(ms: number, body: () => void): void {
  const begun = performance.now();
  body();
  expect(performance.now() - begun).toBeLessThan(ms);
}
function orProblem<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return undefined;
  }
}

test('a file of any name in the folder of a node is seen, also one that JavaScript knows', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a b', '-rf']) {
    const { files, links, directories } = parseObservation(
      ['observe\t1', 'base\tpresent', `file\t644\t0\t0\t4\t./${name}`, `hash\t${hash}\t./${name}`, 'end'].join('\n'),
      'tokyo',
    );
    expect(Object.keys(files)).toEqual([name]);
    expect([Object.keys(links), Object.keys(directories)]).toEqual([[], []]);
  }
  const nothing = parseObservation('observe\t1\nbase\tpresent\nend', 'tokyo');
  expect(nothing.files['constructor']).toBeUndefined();
});

test('the state of a node is one, or none; what it says is never more than its form', () => {
  const { state } = appliedServer;
  const text = printNodeState(state ?? fail());
  const harmed = fc
    .tuple(fc.nat(text.length), fc.nat(40), binary)
    .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length));
  fc.assert(
    fc.property(fc.oneof(harmed, fc.json(), binary), (each) => {
      const found = parseNodeState(each);
      if (found !== undefined) expect(parseNodeState(printNodeState(found))).toEqual(found);
    }),
    { numRuns: 300 },
  );
  within(2000, () => expect(parseNodeState('['.repeat(1 << 20))).toBeUndefined());
});

function fail(): never {
  throw new Error('the fixture has a state');
}

test('an edge may say what it likes of itself', () => {
  const line = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          'envoy_',
          'http_rds_version_text',
          '{envoy_rds_route_config="__proto__",text_value="',
          '"} 1',
          ' 5',
        ),
        binary,
      ),
      { maxLength: 6 },
    )
    .map((words) => words.join(''));
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const { refusals, routes } = parseEdgeStats(lines.join('\n'));
      expect(Number.isNaN(refusals)).toBe(false);
      for (const version of Object.values(routes)) expect(version).toBeTypeOf('string');
    }),
    { numRuns: 200 },
  );
  within(3000, () => parseEdgeStats(`envoy_x{text_value="${'x'.repeat(8 << 20)}`));
  within(3000, () => parseEdgeStats('envoy_update_rejected 1 1 1'.repeat(200_000)));
  within(3000, () => announcedVersion(`version_info: ${'"'.repeat(1 << 20)}`));
});

test('an observation or a preflight of a gigabyte in small lines is answered in time', () => {
  within(5000, () => orProblem(() => parseObservation(`observe\t1\n${'odd\t./x\n'.repeat(500_000)}`, 'tokyo')));
  within(2000, () => orProblem(() => parsePreflight(`preflight\t1\n${'x\n'.repeat(1 << 20)}`, 'tokyo', 0, 0)));
  within(2000, () => orProblem(() => parsePreflight('x'.repeat(16 << 20), 'tokyo', 0, 0)));
});

test('a lock that is held by anyone, in any words, is held', async () => {
  const lock = {
    holder: { who: 'ada', installation: 'x' },
    why: 'apply',
    run: 'r',
    now: new Date(0),
    breakLock: false,
  };
  await fc.assert(
    fc.asyncProperty(binary, binary, async (age, word) => {
      const holder = parseLock(age, Buffer.from(word).toString('base64'));
      // oxlint-disable-next-line no-control-regex -- that there is none is what is tested
      expect(`${holder.who}${holder.when}${holder.why}`).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      const host = answering(() => ({ stdout: `held\t${age}\t${word}\n` }));
      expect((await problemFrom(takeLock(host, nodeLayout(spec).base, lock))).code).toBe('node-locked');
    }),
    { numRuns: 100 },
  );
});

test('an image of any name has an identity that fits into a line of YAML', () => {
  fc.assert(
    fc.property(fc.oneof(binary, fc.constantFrom('registry:3', 'a@b', ':', '@', 'x/y:z@sha256:')), (reference) => {
      expect(parseReference(reference).repository).toBeTypeOf('string');
      expect(identityOf(reference, { id: `sha256:${hash}`, digests: [reference] })).toBeTypeOf('string');
    }),
    { numRuns: 200 },
  );
  within(2000, () => parseReference('a:'.repeat(1 << 19)));
});

test('the archive that carries files is whole blocks, whatever their names and bytes', () => {
  const file = fc.record({
    path: fc.stringMatching(/^[a-z][a-z0-9./_-]{0,90}$/),
    bytes: fc.uint8Array({ maxLength: 2000 }),
    mode: fc.constantFrom(0o644, 0o440),
    uid: fc.nat(65_535),
    gid: fc.nat(65_535),
  });
  fc.assert(
    fc.property(fc.array(file, { maxLength: 5 }), (files) => {
      expect(tarArchive(files).length % 512).toBe(0);
    }),
    { numRuns: 100 },
  );
});
