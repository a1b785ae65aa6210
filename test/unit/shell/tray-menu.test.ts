import { expect, test } from 'vitest';
import type { Language } from '../../../preload/contract/language.ts';
import type { Snapshot } from '../../../preload/contract/live.ts';
import type { CoreState } from '../../../preload/contract/shell.ts';
import type { TrayAction } from '../../../main/shell/tray-action.ts';
import { type MenuLine, menuOptions, trayMenu, trayTooltip } from '../../../main/shell/tray-menu.ts';
import { trayView } from '../../../main/shell/tray-view.ts';
import { wordsFor } from '../../../main/shell/shell-words.ts';
import type { TrayWork } from '../../../main/shell/tray-work.ts';
import { engine, laptop, node, now, running, task, unproven } from './laptop.ts';

const speech = (language: Language) => ({ language, words: wordsFor(language), now });
const menu = (
  snapshot: Partial<Snapshot> | undefined,
  language: Language = 'en',
  core: CoreState = running,
): MenuLine[] => trayMenu(trayView({ snapshot: snapshot && laptop(snapshot), core, now }), speech(language));

/** The menu as one sees it: a radio as ◉ or ◯, what cannot be chosen in brackets, a submenu indented. */
function drawn(lines: readonly MenuLine[]): string[] {
  return lines.flatMap(({ type, label = '', checked, enabled = true, lines: inner = [] }) => {
    if (type === 'separator') return ['──'];
    const box = type === 'radio' ? (checked ? '◉ ' : '◯ ') : type === 'checkbox' ? (checked ? '☑ ' : '☐ ') : '';
    const line = `${box}${label}`;
    return [enabled ? line : `(${line})`, ...drawn(inner).map((each) => `  ${each}`)];
  });
}

const fleet: Partial<Snapshot> = {
  nodes: [node('tokyo', 84), node('home-lab', 640, 'slow'), node('office', 90, 'down')],
  runtimes: [
    engine('docker', ['tokyo']),
    engine('containerd', ['tokyo']),
    engine('podman', [], { state: 'stopped', route: undefined as never }),
  ],
};

test('the menu says what is true, and every way out of it is one click away', () => {
  expect(drawn(menu(fleet))).toEqual([
    '● Docker, containerd → tokyo · 84 ms',
    '──',
    '◯ Direct · 210 ms',
    '◉ tokyo · 84 ms',
    '◯ home-lab · 640 ms · ▲ slow',
    '◯ office · ▲ down',
    '◯ Fastest automatically',
    '──',
    'Runtimes: Docker ✓ · containerd ✓ · Podman –',
    '  Docker → tokyo · 84 ms',
    '  containerd → tokyo · 84 ms',
    '  Podman · not running',
    'Test again',
    'Prune caches…',
    '──',
    'Open Mirrorfleet',
    'Settings…',
    'Quit',
  ]);
});

test('the same in Chinese', () => {
  expect(drawn(menu(fleet, 'zh-CN'))).toEqual([
    '● Docker, containerd → tokyo · 84 ms',
    '──',
    '◯ 直连 · 210 ms',
    '◉ tokyo · 84 ms',
    '◯ home-lab · 640 ms · ▲ 缓慢',
    '◯ office · ▲ 不可用',
    '◯ 自动选最快',
    '──',
    '容器引擎：Docker ✓ · containerd ✓ · Podman –',
    '  Docker → tokyo · 84 ms',
    '  containerd → tokyo · 84 ms',
    '  Podman · 未运行',
    '重新测试',
    '清理缓存…',
    '──',
    '打开 Mirrorfleet',
    '设置…',
    '退出',
  ]);
});

test('an engine that no switch takes along says why', () => {
  const found = (id: 'docker' | 'containerd', code: string) =>
    engine(id, [], { problem: { code, message: 'm', hint: 'h', retryable: false } });
  const runtimes = [found('docker', 'docker-too-old'), found('containerd', 'containerd-cri-disabled')];
  expect(drawn(menu({ ...fleet, runtimes }))).toEqual(
    expect.arrayContaining([
      'No engine here can be switched',
      '  Docker · cannot be switched',
      '  containerd · serves Docker only',
    ]),
  );
});

test('✓ is proven and nothing else', () => {
  const runtimes = [unproven('docker', ['tokyo']), engine('podman')];
  expect(drawn(menu({ ...fleet, runtimes }))).toContain('Runtimes: Docker ◐ · Podman –');
  const down = [engine('docker', ['office'])];
  expect(drawn(menu({ ...fleet, runtimes: down }))).toContain('Runtimes: Docker ▲');
});

test('without a choice that stands, no choice is drawn as one of several: a radio would be checked by itself', () => {
  const runtimes = [engine('docker', ['tokyo']), engine('podman')];
  expect(drawn(menu({ ...fleet, runtimes })).slice(3, 5)).toEqual(['☐ Direct · 210 ms', '☐ tokyo · 84 ms']);
});

test('what a prune frees is said where it was counted, and the click asks before anything goes', () => {
  const snapshot = { ...laptop(fleet), prunable: [{ node: 'tokyo', bytes: 3.2e9, at: now }] };
  const line = trayMenu(trayView({ snapshot, core: running, now }), speech('en')).find(({ label }) =>
    label?.startsWith('Prune'),
  );
  expect(line).toMatchObject({
    label: 'Prune caches… · frees 3.2 GB',
    action: { kind: 'open', hash: '#/cache?show=prune' },
  });
});

test.each<[CoreState['state'], string[]]>([
  ['starting', ['Starting…']],
  ['lost', ['▲ The core is not reachable; trying again…']],
  ['stopped', ['▲ The core does not run', 'Start the core again']],
])('while the core is %s the menu says so and offers nothing that needs it', (state, head) => {
  expect(drawn(menu(fleet, 'en', { state, own: true }))).toEqual([
    ...head,
    '──',
    'Open Mirrorfleet',
    'Settings…',
    'Quit',
  ]);
});

/** What each line of the menu does, by its label. */
const actions = (lines: readonly MenuLine[]): Record<string, TrayAction | undefined> =>
  Object.fromEntries(
    lines.flatMap(({ label, action, lines: inner = [] }) => [
      ...(label === undefined || inner.length > 0 ? [] : [[label, action] as const]),
      ...Object.entries(actions(inner)).map(([each, done]) => [`in it: ${each}`, done] as const),
    ]),
  );

test('every line does what it says, and what only tells leads to where that is explained', () => {
  const runtimes: TrayAction = { kind: 'open', hash: '#/runtimes' };
  expect(actions(menu(fleet))).toEqual({
    '● Docker, containerd → tokyo · 84 ms': runtimes,
    'Direct · 210 ms': { kind: 'switch', route: [] },
    'tokyo · 84 ms': { kind: 'switch', route: ['tokyo'] },
    'home-lab · 640 ms · ▲ slow': { kind: 'switch', route: ['home-lab'] },
    'office · ▲ down': { kind: 'switch', route: ['office'] },
    'Fastest automatically': { kind: 'switch', route: ['tokyo', 'home-lab'] },
    'in it: Docker → tokyo · 84 ms': runtimes,
    'in it: containerd → tokyo · 84 ms': runtimes,
    'in it: Podman · not running': runtimes,
    'Test again': { kind: 'test' },
    'Prune caches…': { kind: 'open', hash: '#/cache?show=prune' },
    'Open Mirrorfleet': { kind: 'open' },
    'Settings…': { kind: 'open', hash: '#/settings' },
    Quit: { kind: 'quit' },
  });
});

test.each<[CoreState['state'], Record<string, TrayAction>]>([
  ['starting', { 'Starting…': { kind: 'open' } }],
  ['lost', { '▲ The core is not reachable; trying again…': { kind: 'open' } }],
  ['stopped', { '▲ The core does not run': { kind: 'open' }, 'Start the core again': { kind: 'start-core' } }],
])('while the core is %s a click leads to the window, or starts it', (state, expected) => {
  expect(actions(menu(fleet, 'en', { state, own: true }))).toMatchObject(expected);
});

test('work is a line of its own, which leads to where it is seen', () => {
  const withWork = (tasks: Snapshot['tasks'], work?: TrayWork) =>
    trayMenu(trayView({ snapshot: laptop({ ...fleet, tasks }), core: running, now, work }), speech('en'));
  const others = withWork([task('prune', 'tokyo', { title: 'Prune tokyo' })]);
  expect(drawn(others)[1]).toBe('Prune tokyo…');
  expect(actions(others)).toMatchObject({ 'Prune tokyo…': { kind: 'open', hash: '#/activity' } });
  const ours = withWork([], { kind: 'switch', route: ['tokyo'], startedAt: now });
  expect(actions(ours)).toMatchObject({ 'Switching to tokyo… 0 of 2': { kind: 'open', hash: '#/runtimes' } });
  expect(drawn(ours)).toEqual(expect.arrayContaining(['(◉ tokyo · 84 ms)', '(Test again)']));
});

test('before this computer was looked at no way is offered, and without a node nothing can be pruned', () => {
  expect(drawn(menu({ nodes: fleet.nodes ?? [] }))).toEqual(
    [
      '● Looking at this computer’s engines…',
      '──',
      'Test again',
      'Prune caches…',
      '──',
      'Open Mirrorfleet',
      'Settings…',
      'Quit',
    ].map((line) => line.replace('● ', '')),
  );
  expect(drawn(menu({ runtimes: [engine('docker')] }))).toContain('(Prune caches…)');
});

test('a way to choose has the shape of its state', () => {
  const nodes = [node('a', 84, 'degraded'), node('b', 84, 'unknown'), node('c', 84), node('d', 84, 'slow')];
  expect(drawn(menu({ ...fleet, nodes })).filter((line) => /^◯ [a-d] /.test(line) || /^☐ [a-d] /.test(line))).toEqual([
    '☐ a · 84 ms · ◐ degraded',
    '☐ b · – not known',
    '☐ c · 84 ms',
    '☐ d · 84 ms · ▲ slow',
  ]);
});

test('an engine that may not be touched says so, one that is not known has no tick', () => {
  const runtimes = [
    engine('docker', [], { state: 'needs-permission', route: undefined as never }),
    engine('podman', [], { route: undefined as never, mirrors: ['m.example'] }),
  ];
  expect(drawn(menu({ ...fleet, runtimes }))).toEqual(
    expect.arrayContaining([
      'Runtimes: Docker – · Podman –',
      '  Docker · needs permission',
      '  Podman → mirrors of its own',
    ]),
  );
});

test('mirrors of others have a shape of their own, and an order that was set elsewhere is named', () => {
  const foreign = engine('docker', [], { route: undefined as never, mirrors: ['m.example'] });
  expect(drawn(menu({ ...fleet, runtimes: [foreign] }))[0]).toBe('○ Docker → mirrors of its own');
  const several = engine('docker', ['home-lab', 'tokyo']);
  expect(drawn(menu({ ...fleet, runtimes: [several] }))).toContain('◉ home-lab, tokyo');
  expect(actions(menu({ runtimes: [several] }))['Add your first node…']).toEqual({ kind: 'open', hash: '#/add' });
});

test('every line is of a type that Electron knows', () => {
  const types = new Set(menuOptions(menu(fleet), () => {}).map(({ type }) => type));
  expect(types).toEqual(new Set(['normal', 'separator', 'radio', 'submenu']));
});

test('without a node the way to the first one is offered', () => {
  expect(drawn(menu({ runtimes: [engine('docker')] })).slice(0, 4)).toEqual([
    '○ Docker → direct',
    '──',
    'Add your first node…',
    '──',
  ]);
});

test('the pointer over the picture is told the same as the header', () => {
  const view = trayView({ snapshot: laptop(fleet), core: running, now });
  expect(trayTooltip(view, speech('en'))).toBe('Mirrorfleet\nDocker, containerd → tokyo · 84 ms');
});

test('a menu that shows the same is the same value, so that it is not set again', () => {
  expect(menu(fleet)).toEqual(menu(fleet));
  expect(menu(fleet)).not.toEqual(menu({ ...fleet, nodes: [node('tokyo', 85)] }));
});

test('the template has what a line has, inner lines too, and nothing else', () => {
  const lines: MenuLine[] = [
    { type: 'separator' },
    { type: 'radio', label: 'a', enabled: false, checked: true },
    { type: 'submenu', label: 'b', lines: [{ type: 'normal', label: 'c & d', action: { kind: 'quit' } }] },
  ];
  const done: TrayAction[] = [];
  const options = menuOptions(lines, (action) => done.push(action));
  expect(options).toStrictEqual([
    { type: 'separator' },
    { type: 'radio', label: 'a', enabled: false, checked: true },
    { type: 'submenu', label: 'b', submenu: [{ type: 'normal', label: 'c && d', click: expect.any(Function) }] },
  ]);
  const [inner] = Array.isArray(options[2]?.submenu) ? options[2].submenu : [];
  inner?.click?.({} as never, undefined, {} as never);
  expect(done).toEqual([{ kind: 'quit' }]);
});

test('the template carries the clicks, and a & in a label is shown as one', () => {
  const done: TrayAction[] = [];
  const [first] = menuOptions([{ type: 'normal', label: 'A & B', action: { kind: 'test' } }], (action) =>
    done.push(action),
  );
  expect(first?.label).toBe('A && B');
  first?.click?.({} as never, undefined, {} as never);
  expect(done).toEqual([{ kind: 'test' }]);
});

test('the menu of 20 nodes that are all offline is made in far less than 100 ms', () => {
  const nodes = Array.from({ length: 20 }, (_, at) => node(`node-${at}`, 80, 'down'));
  const runtimes = [engine('docker', ['node-3']), engine('containerd', ['node-3']), engine('podman')];
  menu({ nodes, runtimes });
  const before = performance.now();
  for (let round = 0; round < 20; round += 1) menuOptions(menu({ nodes, runtimes }), () => {});
  expect((performance.now() - before) / 20).toBeLessThan(10);
});
