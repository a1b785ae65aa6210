import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../../preload/contract/problem.ts';
import { checkBase } from '../../../main/provision/base-folder.ts';
import { announcedVersion } from '../../../main/provision/desired.ts';
import { parseEdgeStats } from '../../../main/provision/edge-stats.ts';
import { identityOf, parseReference } from '../../../main/provision/image-identity.ts';
import { installCommandFor } from '../../../main/provision/install-engine.ts';
import { parseNodeState, printNodeState } from '../../../main/provision/node-state.ts';
import { parseObservation } from '../../../main/provision/parse-observation.ts';
import { tarArchive } from '../../../main/provision/tar-archive.ts';
import { appliedServer } from './node-fixture.ts';

const hash = 'c'.repeat(64);

describe('the observation of a server', () => {
  const answer = [
    'observe\t1',
    'base\tpresent',
    'file\t644\t0\t0\t4\t./a b.yml',
    `hash\t${hash}\t./a b.yml`,
    `text\t./a b.yml\t${Buffer.from('hi\t✓\n').toString('base64')}`,
    'dir\t755\t10001\t10001\t./data',
    'link\t./data/blobs\t../blobs',
    `lock\t7\t${Buffer.from('{"who":"bob@desk","when":"now","why":"apply"}').toString('base64')}`,
    'docker\tpresent',
    'engine\t26.1.5+dfsg1\tlinux/amd64',
    'compose\tplugin',
    `container\t${hash}\tenvoy\trunning\tenvoy:1@sha256:${hash}`,
    `image\tenvoy:1\tsha256:${hash}\t1000\t["envoy:1"]\tnull`,
    'end',
    '',
  ].join('\n');

  it('is read in full', () => {
    expect(parseObservation(answer, 'tokyo')).toMatchObject({
      base: 'present',
      files: { 'a b.yml': { hash, mode: 0o644, text: 'hi\t✓\n' } },
      directories: { data: { uid: 10001 } },
      links: { 'data/blobs': '../blobs' },
      lock: { who: 'bob@desk', ageSeconds: 7 },
      docker: 'running',
      compose: 'plugin',
      containers: [{ service: 'envoy', state: 'running' }],
      images: { 'envoy:1': { tags: ['envoy:1'], digests: [] } },
    });
  });

  it('never brings control characters of a file or a lock to a terminal', () => {
    const base64 = (word: string): string => Buffer.from(word).toString('base64');
    const found = parseObservation(
      [
        'observe\t1',
        'base\tpresent',
        'file\t644\t0\t0\t4\t./a.yml',
        `hash\t${hash}\t./a.yml`,
        `text\t./a.yml\t${base64('one\u001b[2J\u0007\r\n\ttwo\u009b\u007f\n')}`,
        `lock\t7\t${base64('{"who":"bob\\u001b[31m","when":"now","why":"ap\u001bply"}')}`,
        'end',
      ].join('\n'),
      'tokyo',
    );
    expect(found.files['a.yml']?.text).toBe('one[2J\n\ttwo\n');
    expect(found.lock).toMatchObject({ who: 'bob[31m', why: 'apply' });
  });

  it('is never half read: an answer cut anywhere is a Problem', () => {
    fc.assert(
      fc.property(fc.nat(answer.length - 6), (at) => {
        expect(() => parseObservation(answer.slice(0, at), 'tokyo')).toThrow(ProblemError);
      }),
    );
  });

  it('gives a Problem or a value for anything a hostile server may say, and never another error', () => {
    const line = fc
      .array(
        fc.oneof(
          fc.constantFrom(
            'file',
            'hash',
            'text',
            'dir',
            'link',
            'lock',
            'image',
            'container',
            'end',
            './x',
            '644',
            hash,
            '__proto__',
          ),
          fc.string(),
        ),
        { maxLength: 7 },
      )
      .map((words) => words.join('\t'));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          parseObservation(['observe\t1', ...lines].join('\n'), 'tokyo');
        } catch (error) {
          expect(error).toBeInstanceOf(ProblemError);
        }
      }),
    );
  });
});

describe("the edge's statistics", () => {
  it('tell the versions that run and what was refused', () => {
    const text = [
      '# TYPE envoy_cluster_manager_cds_version_text gauge',
      'envoy_cluster_manager_cds_version_text{text_value="k1"} 0',
      'envoy_listener_manager_lds_version_text{text_value="l1"} 0',
      'envoy_http_rds_version_text{envoy_rds_route_config="edge",envoy_http_conn_manager_prefix="https",text_value="r1"} 0',
      'envoy_http_rds_version_text{envoy_rds_route_config="metrics",envoy_http_conn_manager_prefix="m",text_value="m1"} 0',
      'envoy_sds_server_cert_version_text{text_value="c1"} 0',
      'envoy_cluster_manager_cds_update_rejected{} 2',
      'envoy_http_rds_update_failure{envoy_rds_route_config="edge"} 1',
      // A name that could not be looked up: no configuration of ours was refused.
      'envoy_cluster_update_failure{envoy_cluster_name="direct_docker_io"} 5',
    ].join('\n');
    expect(parseEdgeStats(text)).toEqual({
      cds: 'k1',
      lds: 'l1',
      routes: { edge: 'r1', metrics: 'm1' },
      secrets: ['c1'],
      refusals: 3,
    });
  });

  it.each([
    ['version_info: abc\nresources: []\n', 'abc'],
    ['# note\nversion_info: "00e1"\n', '00e1'],
    ['{"version_info":"x","resources":[]}', 'x'],
    ['resources: []\n', undefined],
  ])('are compared with the version a file announces: %j', (text, version) => {
    expect(announcedVersion(text)).toBe(version);
  });
});

describe("an image's exact identity", () => {
  const id = `sha256:${hash}`;
  it.each([
    ['registry:3', [`registry@${id}`], `registry:3@${id}`],
    ['docker.io/library/registry:3', [`registry@${id}`], `docker.io/library/registry:3@${id}`],
    ['localhost:5000/registry', [`localhost:5000/registry@${id}`], `localhost:5000/registry@${id}`],
    ['registry:3', [], id],
    ['registry:3', [`other@${id}`], id],
    [`registry:3@${id}`, [`registry@sha256:${'d'.repeat(64)}`, `registry@${id}`], `registry:3@${id}`],
  ])('of %s with digests %j is %s', (reference, digests, expected) => {
    expect(identityOf(reference, { id, digests })).toBe(expected);
  });

  it('takes a port for a port and a tag for a tag', () => {
    expect(parseReference('localhost:5000/a/b')).toEqual({ repository: 'localhost:5000/a/b' });
    expect(parseReference('localhost:5000/a:1@sha256:ff')).toEqual({
      repository: 'localhost:5000/a',
      tag: '1',
      digest: 'sha256:ff',
    });
  });
});

describe('what a node is made of', () => {
  it("prints a state that reads back, one identity a line for the server's sed", () => {
    const { state } = appliedServer;
    if (state === undefined) throw new Error('the fixture has a state');
    const text = printNodeState(state);
    expect(parseNodeState(text)).toEqual(state);
    expect(text.match(/^ *"identity": "[A-Za-z0-9:@/._-]*",?$/gm)).toHaveLength(2);
    expect(parseNodeState('{"format":2}')).toBeUndefined();
    expect(parseNodeState('{')).toBeUndefined();
  });

  it.each(['/', '/etc', '/opt', 'opt/x', '/opt/../etc', '/opt/a b', '/opt/x|y', '/opt/x/', '/opt/x\n'])(
    'refuses %j as its folder',
    (base) => {
      expect(() => checkBase(base)).toThrow(ProblemError);
    },
  );

  it.each(['/opt/mirrorfleet', '/home/ada/.local/share/mirrorfleet', '/srv/m_1'])('takes %s as its folder', (base) => {
    expect(() => checkBase(base)).not.toThrow();
  });

  it.each([
    ['fedora ', /dnf install/],
    ['alpine ', /apk add/],
    ['opensuse-leap suse opensuse', /zypper install/],
    ['manjaro arch', /pacman/],
    ['plan9 ', undefined],
  ])('knows the command of %s', (family, command) => {
    const found = installCommandFor(family);
    if (command === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(command);
  });
});

describe('the archive that carries files', () => {
  it('is what tar unpacks, with bytes and modes as given', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mirrorfleet-tar-'));
    try {
      const bytes = Buffer.from('x'.repeat(700));
      const archive = tarArchive([
        { path: 'a/b/c.yml', bytes, mode: 0o640, uid: 0, gid: 0 },
        { path: 'empty', bytes: Buffer.alloc(0), mode: 0o600, uid: 0, gid: 0 },
      ]);
      execFileSync('tar', ['-xpf', '-', '-C', folder, '--no-same-owner'], { input: archive });
      expect(readFileSync(join(folder, 'a/b/c.yml'))).toEqual(bytes);
      expect(statSync(join(folder, 'a/b/c.yml')).mode & 0o777).toBe(0o640);
      expect(statSync(join(folder, 'empty')).size).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
