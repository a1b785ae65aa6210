import { describe, expect, it } from 'vitest';
import type { Observed } from '../../../main/provision/observed.ts';
import { fileDiff } from '../../../main/provision/plan-files.ts';
import { planNode } from '../../../main/provision/plan-node.ts';
import { type Problem, problemOf } from '../../../preload/contract/problem.ts';
import { appliedServer, desired, emptyServer, spec, standings } from './node-fixture.ts';

const plan = (observed: Observed, more: Partial<Parameters<typeof planNode>[0]> = {}) =>
  planNode({ spec, desired, standings, observed, installEngine: false, ...more });
function refusal(observed: Observed): Problem {
  try {
    plan(observed);
  } catch (error) {
    return problemOf(error);
  }
  throw new Error('it was not refused');
}

describe('the diff of a file', () => {
  it('shows three lines around each change, under the path on the node', () => {
    const lines = ['1', '2', '3', '4', '5', '6', '7', '8', '9', ''];
    expect(fileDiff('a.yaml', lines.join('\n'), lines.with(4, 'five').join('\n'))).toBe(
      ['--- a/a.yaml', '+++ b/a.yaml', '@@ -2,7 +2,7 @@', ' 2', ' 3', ' 4', '-5', '+five', ' 6', ' 7', ' 8', ''].join(
        '\n',
      ),
    );
  });

  it('of a new file begins with nothing', () => {
    expect(fileDiff('a.yaml', undefined, 'x\n')).toBe('--- /dev/null\n+++ b/a.yaml\n@@ -0,0 +1,1 @@\n+x\n');
  });

  it('stands beside each file that is written or removed, but for one with a secret or one whose text is not known', () => {
    const diffs = (observed: Observed) =>
      Object.fromEntries(
        plan(observed)
          .plan.steps.filter(({ id }) => id.startsWith('file:'))
          .map(({ id, diff }) => [id, diff]),
      );
    const fresh = diffs(emptyServer);
    expect(fresh['file:envoy/envoy.yaml']).toContain('+admin: {}');
    expect(fresh['file:envoy/sds/server_cert.yaml']).toBeUndefined();
    const { 'envoy/envoy.yaml': found } = appliedServer.files;
    const changed = { ...(found ?? { mode: 0, uid: 0, gid: 0, bytes: 0 }), hash: 'b'.repeat(64), text: 'old: 1\n' };
    const { text: _, ...unknown } = changed;
    const server = (file: typeof changed | typeof unknown): Observed => ({
      ...appliedServer,
      files: { ...appliedServer.files, 'envoy/envoy.yaml': file },
    });
    expect(diffs(server(changed))['file:envoy/envoy.yaml']).toContain('-old: 1\n+admin: {}');
    expect(diffs(server(unknown))).toEqual({ 'file:envoy/envoy.yaml': undefined });
  });
});

describe('a server that cannot be planned for', () => {
  it.each([
    ['link', 'a symbolic link'],
    ['file', 'a file'],
    ['unreadable', 'a folder that cannot be entered'],
  ] as const)('has for its folder a %s, and is told so', (base, words) => {
    const problem = refusal({ ...emptyServer, base });
    expect(problem.code).toBe('base-unusable');
    expect(problem.message).toBe(`The node's folder on tokyo is ${words}; nothing was changed.`);
  });

  it.each([
    [{ docker: 'absent' }, 'engine-missing', 'tokyo has no Docker; nothing was changed.'],
    [{ docker: 'stopped' }, 'engine-stopped', 'installed on tokyo but does not answer; nothing was changed.'],
    [{ compose: 'absent' }, 'compose-missing', 'tokyo has Docker but no Compose; nothing was changed.'],
  ] as const)('has %j', (change, code, words) => {
    const problem = refusal({ ...emptyServer, ...change });
    expect(problem.code).toBe(code);
    expect(problem.message).toContain(words);
  });
});

describe('the packages of an engine', () => {
  it.each([
    [{ docker: 'absent', compose: 'absent' }, 'no-engine'],
    [{ docker: 'running', compose: 'absent' }, 'no-compose'],
    [{ docker: 'stopped' }, 'engine-not-running'],
    [{}, undefined],
  ] as const)('are installed, where they may be, on a server with %j', (change, code) => {
    const { install, plan: shown } = plan({ ...emptyServer, ...change }, { installEngine: true });
    const step = shown.steps.find(({ id }) => id === 'engine');
    expect([install, step?.because.code]).toEqual([code !== undefined, code]);
    expect(step?.interrupts ?? false).toBe(false);
  });
});

describe('a node', () => {
  it('is fresh where neither its memory, nor a container, nor its project is there', () => {
    const { state: _, ...forgotten } = appliedServer;
    expect(plan(emptyServer).fresh).toBe(true);
    expect(plan(appliedServer).fresh).toBe(false);
    expect(plan({ ...forgotten, containers: [] }).fresh).toBe(false);
    expect(plan({ ...emptyServer, containers: appliedServer.containers }).fresh).toBe(false);
  });

  it.each([
    ['another address', { address: '192.0.2.8' }],
    ['another name', { name: 'osaka' }],
  ])('with %s remembers it, though nothing else changes', (_, change) => {
    const ids = plan(appliedServer, { spec: { ...spec, ...change } }).plan.steps.map(({ id }) => id);
    expect(ids).toEqual(['verify', 'state']);
  });

  it('brings the images that are not there, and none that is', () => {
    const missing = { kind: 'missing', source: { reference: 'envoy:1' } } as const;
    const { bring, plan: shown } = plan(appliedServer, { standings: { ...standings, envoy: missing } });
    expect(bring).toEqual(['envoy']);
    expect(shown.steps[0]).toMatchObject({ id: 'image:envoy', action: 'pull', interrupts: false });
    expect(plan(appliedServer).bring).toEqual([]);
  });
});
