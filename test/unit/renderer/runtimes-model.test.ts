import { describe, expect, it, test } from 'vitest';
import type { Proof, RuntimeView, SwitchPreview } from '../../../preload/contract/runtime.ts';
import { sameRoute } from '../../../preload/contract/same-route.ts';
import { standingOf } from '../../../preload/contract/standing.ts';
import type { NodeView } from '../../../preload/contract/status.ts';
import type { Task } from '../../../preload/contract/task.ts';
import {
  askedRoute,
  choiceOf,
  moved,
  routeOf,
  routeOptions,
  withNode,
} from '../../../renderer/pages/runtimes/route-choice.ts';
import { markOf, runtimeRows } from '../../../renderer/pages/runtimes/runtime-row.ts';
import { passwordAsked, previewSum } from '../../../renderer/pages/runtimes/switch-outcome.ts';

const proof: Proof = { at: 5, node: 'tokyo', image: 'busybox', requestId: 'r', certificate: 'c', requests: 3 };
const docker: RuntimeView = { id: 'docker', engine: 'Docker', state: 'found', mirrors: [], route: [] };
const node = (name: string, state: NodeView['state'] = 'up', applied = true): NodeView => ({
  name,
  kind: 'ssh',
  address: `${name}.example`,
  port: 443,
  state,
  applied,
  mirrors: [],
});
const task = (more: Partial<Task> = {}): Task => ({
  id: 't',
  kind: 'switch',
  subject: 'docker',
  title: 'Switch docker to tokyo',
  state: 'done',
  startedAt: 10,
  endedAt: 20,
  steps: [],
  ...more,
});
const failed = (code: string): Task =>
  task({ state: 'failed', problem: { code, message: 'm', hint: 'h', retryable: false } });

describe('what a route is worth', () => {
  const through = { ...docker, route: ['tokyo'], mirrors: ['https://tokyo.example'] };
  test.each<[string, RuntimeView, NodeView['state'], ReturnType<typeof standingOf>['kind'], ReturnType<typeof markOf>]>(
    [
      ['direct', docker, 'up', 'direct', 'unknown'],
      ['set but never seen in use', through, 'up', 'unproven', 'slow'],
      ['proven', { ...through, proof }, 'up', 'proven', 'up'],
      ['proven by a node that is down now', { ...through, proof }, 'down', 'lapsed', 'down'],
      ['proven by a node that nobody asked for long', { ...through, proof }, 'unknown', 'lapsed', 'unknown'],
      [
        'proven by a node that is no longer in the route',
        { ...through, route: ['osaka'], proof },
        'up',
        'unproven',
        'slow',
      ],
      [
        'mirrors of somebody else',
        { ...docker, route: undefined, mirrors: ['https://m.example'] },
        'up',
        'foreign',
        'unknown',
      ],
      ['an engine that does not answer', { ...through, state: 'stopped', proof }, 'up', 'unknown', 'unknown'],
      ['an engine that may not be asked', { ...through, state: 'needs-permission', proof }, 'up', 'unknown', 'unknown'],
    ],
  )('%s', (_what, view, state, kind, mark) => {
    const standing = standingOf(view, [node('tokyo', state), node('osaka')]);
    expect([standing.kind, markOf(standing)]).toEqual([kind, mark]);
  });

  it('is green for nothing but a proven one', () => {
    const states = ['up', 'slow', 'degraded', 'down', 'unknown'] as const;
    for (const state of states)
      for (const view of [docker, through, { ...through, proof }, { ...docker, state: 'stopped' as const }]) {
        const standing = standingOf(view, [node('tokyo', state)]);
        if (markOf(standing) === 'up') expect([state, standing.kind]).toEqual(['up', 'proven']);
      }
  });
});

describe('rows', () => {
  it('are the engines that are there', () => {
    const rows = runtimeRows([docker, { ...docker, id: 'podman', state: 'absent' }], [], [], 0);
    expect(rows.map(({ view }) => view.id)).toEqual(['docker']);
  });

  it('show the last job of an engine, and nothing that ended before the reader came', () => {
    const tasks = [
      task({ id: 'old', endedAt: 5, startedAt: 1 }),
      task({ id: 'other', subject: 'podman' }),
      task({ id: 'now' }),
    ];
    expect(runtimeRows([docker], [], tasks, 15)[0]?.task?.id).toBe('now');
    expect(runtimeRows([docker], [], tasks, 25)[0]?.task).toBeUndefined();
    const running = task({ id: 'run', state: 'running', endedAt: undefined });
    expect(runtimeRows([docker], [], [running], 25)[0]).toMatchObject({
      running: true,
      switchable: false,
      testable: false,
    });
  });

  test.each<[string, Partial<RuntimeView>, boolean, boolean]>([
    ['found and direct', {}, true, false],
    ['found and switched', { route: ['tokyo'] }, true, true],
    ['stopped and direct', { state: 'stopped' }, false, false],
    ['stopped and switched: it can go back', { state: 'stopped', route: ['tokyo'] }, true, false],
    ['without permission', { state: 'needs-permission' }, false, false],
  ])('%s', (_what, more, switchable, testable) => {
    expect(runtimeRows([{ ...docker, ...more }], [], [], 0)[0]).toMatchObject({ switchable, testable });
  });
});

describe('choosing a route', () => {
  const options = routeOptions([node('tokyo'), node('added-only', 'unknown', false), node('osaka')]);

  it('offers every node, those that serve first', () => {
    expect(options.map((each) => each.node)).toEqual(['osaka', 'tokyo', 'added-only']);
  });

  test.each([
    [[], 'direct'],
    [['tokyo'], '@tokyo'],
    [['direct'], '@direct'],
    [['tokyo', 'osaka'], 'several'],
    [undefined, ''],
  ])('the route %j is the choice %j', (route, choice) => {
    expect(choiceOf(route)).toBe(choice);
    if (route && route.length < 2) expect(routeOf(choice)).toEqual(route);
  });

  it('puts nodes in order', () => {
    expect(withNode(['a'], 'b')).toEqual(['a', 'b']);
    expect(withNode(['a', 'b'], 'a')).toEqual(['b']);
    expect(moved(['a', 'b', 'c'], 'c', -1)).toEqual(['a', 'c', 'b']);
    expect(moved(['a', 'b'], 'a', -1)).toEqual(['a', 'b']);
    expect(moved(['a', 'b'], 'b', 1)).toEqual(['a', 'b']);
  });

  it('follows a link only to nodes that serve', () => {
    expect(askedRoute('tokyo', options)).toEqual(['tokyo']);
    expect(askedRoute('tokyo,added-only,gone', options)).toEqual(['tokyo']);
    expect(askedRoute('gone', options)).toBeUndefined();
    expect(askedRoute('direct', options)).toEqual([]);
    expect(askedRoute(undefined, options)).toBeUndefined();
  });

  it('knows two routes apart by their order', () => {
    expect(sameRoute(['a', 'b'], ['a', 'b'])).toBe(true);
    expect(sameRoute(['a', 'b'], ['b', 'a'])).toBe(false);
    expect(sameRoute(undefined, undefined)).toBe(false);
  });
});

describe('after a switch', () => {
  test.each([
    ['sudo-password-needed', 'needed'],
    ['sudo-password-wrong', 'wrong'],
    ['reload-not-taken', undefined],
  ])('%s asks %j', (code, asked) => {
    expect(passwordAsked([task(), failed(code)])).toBe(asked);
  });

  it('a refused password is said even where another engine only misses one', () => {
    expect(passwordAsked([failed('sudo-password-needed'), failed('sudo-password-wrong')])).toBe('wrong');
  });

  it('several previews are summed without what is right already', () => {
    const preview = (more: Partial<SwitchPreview> = {}): SwitchPreview => ({
      runtime: 'docker',
      route: ['tokyo'],
      changes: [{ path: '/a', action: 'create', diff: '' }],
      activation: { code: 'docker-reloads' },
      restarts: [],
      warnings: [],
      needsPrivilege: true,
      nothingToDo: false,
      ...more,
    });
    expect(previewSum([preview(), preview({ restarts: ['containerd'] })])).toEqual({
      files: 2,
      restarts: ['containerd'],
      needsPrivilege: true,
      nothingToDo: false,
    });
    expect(previewSum([preview({ nothingToDo: true, needsPrivilege: false })])).toMatchObject({
      files: 0,
      nothingToDo: true,
    });
  });
});
