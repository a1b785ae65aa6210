import { describe, expect, it, test } from 'vitest';
import type { Snapshot } from '../../../preload/contract/live.ts';
import type { CoreState } from '../../../preload/contract/shell.ts';
import { type TrayIcon, type TrayView, trayView } from '../../../main/shell/tray-view.ts';
import type { TrayWork } from '../../../main/shell/tray-work.ts';
import { lineText } from '../../../main/shell/tray-words.ts';
import { wordsFor } from '../../../main/shell/shell-words.ts';
import { engine, laptop, node, now, running, task, unproven } from './laptop.ts';

const tooOld = { code: 'podman-too-old', message: 'm', hint: 'h', retryable: false };
const speech = { language: 'en', words: wordsFor('en'), now } as const;
const view = (snapshot: Partial<Snapshot>, core: CoreState = running): TrayView =>
  trayView({ snapshot: laptop(snapshot), core, now });

describe('the picture and the header', () => {
  it.each<[string, Partial<Snapshot>, TrayIcon, string[]]>([
    [
      'through: up and proven',
      { nodes: [node('tokyo', 84)], runtimes: [engine('docker', ['tokyo'])] },
      'through',
      ['Docker → tokyo · 84 ms'],
    ],
    [
      'one engine is direct, the one that follows a node is proven',
      { nodes: [node('tokyo', 84)], runtimes: [engine('podman'), engine('docker', ['tokyo'])] },
      'through',
      ['Docker → tokyo · 84 ms', 'Podman → direct · 210 ms'],
    ],
    [
      'engines that pull alike are one line',
      { nodes: [node('tokyo', 84)], runtimes: [engine('docker', ['tokyo']), engine('containerd', ['tokyo'])] },
      'through',
      ['Docker, containerd → tokyo · 84 ms'],
    ],
    [
      'one of two is not proven',
      { nodes: [node('tokyo', 84)], runtimes: [engine('docker', ['tokyo']), unproven('containerd', ['tokyo'])] },
      'degraded',
      ['Docker → tokyo · 84 ms', 'containerd → tokyo · 84 ms · not proven'],
    ],
    [
      'proven through a node that left the route',
      {
        nodes: [node('tokyo', 84), node('osaka', 90)],
        runtimes: [engine('docker', ['tokyo'], { proof: { ...engine('docker', ['osaka']).proof } as never })],
      },
      'degraded',
      ['Docker → tokyo · 84 ms · not proven'],
    ],
    [
      'proven through the second node of the route, which is well',
      {
        nodes: [node('tokyo', 84), node('osaka', 90)],
        runtimes: [engine('docker', ['tokyo', 'osaka'], { proof: { ...engine('docker', ['osaka']).proof } as never })],
      },
      'through',
      ['Docker → tokyo, osaka · 84 ms'],
    ],
    [
      'proven through the second node of the route, which is down now: nothing shows that the first one is used',
      {
        nodes: [node('tokyo', 84), node('osaka', 90, 'down')],
        runtimes: [engine('docker', ['tokyo', 'osaka'], { proof: { ...engine('docker', ['osaka']).proof } as never })],
      },
      'degraded',
      ['Docker → tokyo, osaka · 84 ms · not proven'],
    ],
    ['direct', { nodes: [node('tokyo', 84)], runtimes: [engine('docker')] }, 'direct', ['Docker → direct · 210 ms']],
    [
      'slow',
      { nodes: [node('tokyo', 640, 'slow')], runtimes: [engine('docker', ['tokyo'])] },
      'degraded',
      ['Docker → tokyo · 640 ms · slow'],
    ],
    [
      'cached images only',
      { nodes: [node('tokyo', 84, 'degraded')], runtimes: [engine('docker', ['tokyo'])] },
      'degraded',
      ['Docker → tokyo · 84 ms · degraded'],
    ],
    [
      'the only node is down: its last figure is not said',
      { nodes: [node('tokyo', 84, 'down')], runtimes: [engine('docker', ['tokyo'])] },
      'down',
      ['Docker → tokyo · tokyo is down'],
    ],
    [
      'the first node is down, the next one serves',
      { nodes: [node('tokyo', 84, 'down'), node('osaka', 90)], runtimes: [engine('docker', ['tokyo', 'osaka'])] },
      'degraded',
      ['Docker → tokyo, osaka · tokyo is down, the next one serves'],
    ],
    [
      'the first node is down, and whether the next one serves is not known',
      {
        nodes: [node('tokyo', 84, 'down'), node('osaka', 90, 'unknown')],
        runtimes: [engine('docker', ['tokyo', 'osaka'])],
      },
      'degraded',
      ['Docker → tokyo, osaka · tokyo is down'],
    ],
    [
      'the first node is down, and the next one was removed',
      { nodes: [node('tokyo', 84, 'down')], runtimes: [engine('docker', ['tokyo', 'gone'])] },
      'down',
      ['Docker → tokyo, gone · tokyo is down'],
    ],
    [
      'the node was removed',
      { runtimes: [engine('docker', ['gone'])] },
      'degraded',
      ['Docker → gone · gone was not measured yet'],
    ],
    [
      'engines that go different ways, one as well as the other',
      {
        nodes: [node('tokyo', 84), node('osaka', 90)],
        runtimes: [engine('docker', ['tokyo']), engine('podman', ['osaka'])],
      },
      'through',
      ['Docker → tokyo · 84 ms', 'Podman → osaka · 90 ms'],
    ],
    [
      'engines with mirrors of their own',
      {
        runtimes: (['docker', 'podman'] as const).map((id) =>
          engine(id, [], { route: undefined as never, mirrors: [`${id}.example`] }),
        ),
      },
      'direct',
      ['Docker, Podman → mirrors of its own'],
    ],
    [
      'engines whose ways are direct, not known and their own',
      {
        nodes: [node('tokyo', 84)],
        runtimes: [
          engine('containerd', [], { route: undefined as never }),
          engine('docker', [], { route: undefined as never, mirrors: ['m.example'] }),
          engine('podman', []),
        ],
      },
      'degraded',
      ['Podman → direct · 210 ms', 'containerd → not known', 'Docker → mirrors of its own'],
    ],
    [
      'every node of the route is down',
      {
        nodes: [node('tokyo', 84, 'down'), node('osaka', 90, 'down')],
        runtimes: [engine('docker', ['tokyo', 'osaka'])],
      },
      'down',
      ['Docker → tokyo, osaka · tokyo is down'],
    ],
    [
      'a figure that is too old is not said as if it were now',
      {
        nodes: [node('tokyo', 84, 'up', { seenAt: now - 4 * 60_000 })],
        runtimes: [engine('docker', ['tokyo'])],
      },
      'degraded',
      ['Docker → tokyo · tokyo was last seen 4 min ago'],
    ],
    [
      'mirrors of others',
      { runtimes: [engine('docker', [], { route: undefined as never, mirrors: ['m.example'] })] },
      'direct',
      ['Docker → mirrors of its own'],
    ],
    [
      'what an engine follows is not known',
      { runtimes: [engine('containerd', [], { route: undefined as never })] },
      'degraded',
      ['containerd → not known'],
    ],
    [
      'a switch that never ended',
      {
        runtimes: [
          engine('docker', [], {
            route: undefined as never,
            mirrors: ['m.example'],
            problem: { code: 'switch-interrupted', message: 'm', hint: 'h', retryable: true },
          }),
        ],
      },
      'degraded',
      ['Docker → not known · a switch was interrupted'],
    ],
    [
      'something runs',
      { nodes: [node('tokyo', 84)], runtimes: [engine('docker', ['tokyo'])], tasks: [task('prune', 'tokyo')] },
      'busy',
      ['Docker → tokyo · 84 ms'],
    ],
    ['no engine runs', { runtimes: [engine('podman', ['tokyo'], { state: 'stopped' })] }, 'direct', []],
  ])('%s', (_, snapshot, icon, lines) => {
    const seen = view(snapshot);
    expect({ icon: seen.icon, lines: seen.lines.map((line) => lineText(line, speech)) }).toEqual({ icon, lines });
  });

  it.each<[CoreState['state'], TrayIcon]>([
    ['starting', 'busy'],
    ['lost', 'down'],
    ['stopped', 'down'],
  ])('while the core is %s, nothing that was true before is shown as if it were now', (state, icon) => {
    const seen = view({ nodes: [node('tokyo', 84)], runtimes: [engine('docker', ['tokyo'])] }, { state, own: true });
    expect(seen).toMatchObject({ icon, lines: [], rows: [], marks: [], switchable: false, testable: false });
  });
});

describe('work', () => {
  const seen = { nodes: [node('tokyo', 84)], runtimes: [engine('docker', ['tokyo'])] };
  const asked: TrayWork = { kind: 'switch', route: ['tokyo'], startedAt: now };
  const with_ = (work: TrayWork | undefined, snapshot: Partial<Snapshot> = seen, core = running) =>
    trayView({ snapshot: laptop(snapshot), core, now, work });

  test('that was begun here is busy at once, before the core has a job for it, and lets nothing else begin', () => {
    expect(with_(asked)).toMatchObject({
      icon: 'busy',
      switchable: false,
      testable: false,
      work: { kind: 'switching' },
    });
  });

  test('that ended is told, and is no longer busy', () => {
    const view = with_({ ...asked, end: { at: now, tasks: [] } });
    expect(view).toMatchObject({ icon: 'through', switchable: true, testable: true, work: { kind: 'switched' } });
  });

  test('is told while the core is away too, and then says nothing of its jobs', () => {
    const away = with_(asked, { ...seen, tasks: [task('switch', 'docker')] }, { state: 'lost', own: true });
    expect(away).toMatchObject({ icon: 'down', work: { kind: 'switching', of: 0 } });
    const others = { ...seen, tasks: [task('prune', 'tokyo')] };
    expect(with_(undefined, others, { state: 'lost', own: true }).work).toBeUndefined();
    expect(with_(undefined, others).work).toMatchObject({ kind: 'task' });
  });

  test.each(['switch', 'prove', 'undo'] as const)('on an engine (%s) lets no other begin', (kind) => {
    expect(view({ ...seen, tasks: [task(kind, 'docker')] })).toMatchObject({ switchable: false, testable: false });
    const ended = task(kind, 'docker', { state: 'done' });
    expect(view({ ...seen, tasks: [ended] })).toMatchObject({ switchable: true, testable: true, icon: 'through' });
  });
});

describe('this computer', () => {
  test.each<[string, Partial<Snapshot>, TrayView['engines'], boolean, TrayView['icon']]>([
    ['was not looked at yet and is not called direct', {}, 'unknown', false, 'busy'],
    ['has no engine that runs', { runtimes: [engine('docker', [], { state: 'stopped' })] }, 'none', false, 'direct'],
    [
      'has engines that cannot be switched',
      { runtimes: [engine('docker', [], { state: 'stopped' }), engine('podman', [], { problem: tooOld })] },
      'unswitched',
      false,
      'direct',
    ],
    [
      'has one that can',
      { runtimes: [engine('podman', [], { problem: tooOld }), engine('docker')] },
      'some',
      true,
      'direct',
    ],
  ])('%s', (_, snapshot, engines, switchable, icon) => {
    expect(view(snapshot)).toMatchObject({ engines, switchable, testable: true, icon });
  });

  test('whose core runs and has not told anything yet is being looked at', () => {
    expect(trayView({ snapshot: undefined, core: running, now })).toMatchObject({
      icon: 'busy',
      engines: 'unknown',
      lines: [],
      switchable: false,
      testable: false,
      hasNodes: false,
    });
  });

  test('has a mark for each engine that is there, with its line or why it has none', () => {
    const runtimes = [
      engine('docker', ['tokyo']),
      engine('containerd', [], { state: 'needs-permission', route: undefined as never }),
      engine('podman', [], { state: 'absent', route: undefined as never }),
    ];
    const { marks } = view({ nodes: [node('tokyo', 84)], runtimes });
    expect(marks).toMatchObject([
      { id: 'docker', mark: 'through', line: { route: ['tokyo'] } },
      { id: 'containerd', mark: 'idle', idle: 'needs-permission', line: undefined },
    ]);
    expect(marks).toHaveLength(2);
  });

  test('has no node while none was applied', () => {
    expect(view({ nodes: [node('new', 1, 'unknown', { applied: false })] }).hasNodes).toBe(false);
    expect(view({ nodes: [node('tokyo', 84)] }).hasNodes).toBe(true);
  });
});

describe('the ways to choose', () => {
  const rows = (snapshot: Partial<Snapshot>): string[] =>
    view(snapshot).rows.map(({ kind, route, chosen }) => `${chosen ? '●' : '○'} ${kind} ${route.join(',')}`.trim());

  test('direct, every node that was applied in its order, and the fastest of those that serve', () => {
    const nodes = [
      node('osaka', 90),
      node('tokyo', 84),
      node('new', 1, 'unknown', { applied: false }),
      node('pi', 5, 'down'),
    ];
    expect(rows({ nodes, runtimes: [engine('docker', ['tokyo'])] })).toEqual([
      '○ direct',
      '○ node osaka',
      '● node tokyo',
      '○ node pi',
      '○ fastest tokyo,osaka',
    ]);
  });

  test('with one node that serves there is no fastest', () => {
    expect(rows({ nodes: [node('osaka', 90), node('pi', 5, 'down')], runtimes: [engine('docker')] })).toEqual([
      '● direct',
      '○ node osaka',
      '○ node pi',
    ]);
  });

  test('a node whose state is not known is none that serves, one that serves slowly or only what is cached is', () => {
    const docker = engine('docker');
    expect(rows({ nodes: [node('osaka', 90), node('pi', 5, 'unknown')], runtimes: [docker] })).toHaveLength(3);
    const nodes = [node('pi', 5, 'degraded'), node('lab', 900, 'slow')];
    expect(rows({ nodes, runtimes: [docker] }).at(-1)).toBe('○ fastest lab,pi');
  });

  test('the fastest is chosen while the order that stands is as good as the measured one', () => {
    const [a, b] = [node('a', 100), node('b', 95)];
    const runtimes = [engine('docker', ['a', 'b'])];
    expect(rows({ nodes: [a, b], runtimes }).at(-1)).toBe('● fastest a,b');
    expect(rows({ nodes: [a, node('b', 40)], runtimes }).slice(-2)).toEqual(['● several a,b', '○ fastest b,a']);
  });

  test('where engines go different ways, none is chosen', () => {
    const runtimes = [engine('docker', ['tokyo']), engine('podman')];
    expect(rows({ nodes: [node('tokyo', 84)], runtimes })).toEqual(['○ direct', '○ node tokyo']);
  });

  test('an engine that no switch takes along does not count', () => {
    const cri = { code: 'containerd-cri-disabled', message: 'm', hint: 'h', retryable: false };
    const runtimes = [
      engine('docker', ['tokyo']),
      engine('containerd', [], { problem: cri }),
      engine('podman', [], { state: 'stopped' }),
    ];
    expect(rows({ nodes: [node('tokyo', 84)], runtimes })[1]).toBe('● node tokyo');
  });

  test('nothing can be chosen while an engine is being worked on, and it can while a cache is pruned', () => {
    const snapshot = { nodes: [node('tokyo', 84)], runtimes: [engine('docker')] };
    expect(view({ ...snapshot, tasks: [task('switch', 'docker')] }).switchable).toBe(false);
    expect(view({ ...snapshot, tasks: [task('prune', 'tokyo')] }).switchable).toBe(true);
  });
});

test('what a prune frees is the sum over the nodes that are there', () => {
  const prunable = [
    { node: 'tokyo', bytes: 1e9, at: now },
    { node: 'osaka', bytes: 2.2e9, at: now },
    { node: 'gone', bytes: 9e9, at: now },
  ];
  const nodes = [node('tokyo', 84), node('osaka', 90)];
  const snapshot = { ...laptop({ nodes }), prunable };
  expect(trayView({ snapshot, core: running, now }).prunableBytes).toBe(3.2e9);
  expect(view({ nodes }).prunableBytes).toBeUndefined();
});
