import { describe, expect, it } from 'vitest';
import { parseInspection } from '../../../main/monitor/inspection.ts';
import { knownProblemOf } from '../../../main/fleet/known-problems.ts';

const hash = 'a'.repeat(64);
const other = 'b'.repeat(64);

describe('a close look at a machine', () => {
  it('names the programs as they run and the files that were changed', () => {
    const text = [
      'Welcome to tokyo!',
      'program\tdocker\t20.10.24+dfsg1',
      'program\tcompose\t1.29.2',
      'service\toffline\tregistry github.com/distribution/distribution/v3 v3.1.1+unknown ',
      'service\tenvoy\t/envoy  version: 4fcd1ab/1.40.0/Clean/RELEASE/BoringSSL',
      `file\t${hash}\t${hash}\tcompose.yaml`,
      `file\t${hash}\t${other}\tenvoy/xds/rds.yaml`,
      `file\t${hash}\tunreadable\tenvoy/sds/server_cert.yaml`,
      `file\t${hash}\t-\tregistry/docker.io.yml`,
      'compared',
    ].join('\n');
    expect(parseInspection(text)).toEqual({
      programs: [
        { id: 'docker', version: '20.10.24+dfsg1' },
        { id: 'compose', version: '1.29.2', known: { code: 'compose-1-ended', values: { version: '1.29.2' } } },
        { id: 'registry', version: '3.1.1' },
        { id: 'envoy', version: '1.40.0' },
      ],
      drift: ['envoy/xds/rds.yaml', 'registry/docker.io.yml'],
    });
  });

  it('says nothing of files where the comparison broke off or was not made, and nothing of programs that say nothing', () => {
    expect(parseInspection(`file\t${hash}\t${other}\tcompose.yaml`)).toEqual({ programs: [] });
    expect(parseInspection('service\tenvoy\t\nservice\tstranger\t1.2.3\nprogram\tdocker\tnone')).toEqual({
      programs: [],
    });
  });
});

describe('what is known of a version', () => {
  it.each([
    ['registry', '2.8.3', 'registry-fetches-twice'],
    ['registry', '3.0.0', 'registry-holes-3-0'],
    ['registry', '3.1.0', 'registry-holes-3-1'],
    ['registry', '3.1.1', undefined],
    ['registry', '10.0.0', undefined],
    ['envoy', '1.9.1', 'envoy-cannot-load'],
    ['envoy', '1.36.13', 'envoy-not-maintained'],
    ['envoy', '1.37.0', undefined],
    ['envoy', '1.40.0', undefined],
    ['compose', '1.29.2', 'compose-1-ended'],
    ['compose', '2.40.3', undefined],
    ['docker', '20.10.24', undefined],
    ['registry', 'unknown', undefined],
  ] as const)('of %s %s', (id, version, code) => {
    expect(knownProblemOf(id, version)?.code).toBe(code);
  });
});
