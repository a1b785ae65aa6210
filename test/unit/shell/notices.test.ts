import { describe, expect, it, test } from 'vitest';
import type { RuntimeView } from '../../../preload/contract/runtime.ts';
import type { Snapshot } from '../../../preload/contract/live.ts';
import { noticeText } from '../../../main/shell/notice-words.ts';
import type { Notice } from '../../../main/shell/notice.ts';
import { type NoticeInput, type NoticeMemory, noticesOf } from '../../../main/shell/notices.ts';
import { wordsFor } from '../../../main/shell/shell-words.ts';
import { engine, laptop, node, now, running, task } from './laptop.ts';

const minute = 60_000;
const full = { code: 'disk-nearly-full', message: 'The disk of tokyo is nearly full.', hint: 'h', retryable: false };
const failure = { code: 'mirror-not-answering', message: 'tokyo does not answer.', hint: 'h', retryable: true };

/** Looks one after the other, and what each tells. Nodes are measured at each look. */
function looking() {
  let memory: NoticeMemory | undefined;
  return (minutes: number, snapshot: Partial<Snapshot>, changed: Partial<NoticeInput> = {}): Notice[] => {
    const at = now + minutes * minute;
    const nodes = snapshot.nodes?.map((each) => ({ ...each, seenAt: at }));
    const seen = laptop({ ...snapshot, ...(nodes && { nodes }) });
    const look = noticesOf(memory, { snapshot: seen, core: running, now: at, watched: false, ...changed });
    memory = look.memory;
    return [...look.notices];
  };
}
const kinds = (notices: readonly Notice[]): string[] => notices.map(({ kind }) => kind);

const well: Partial<Snapshot> = { nodes: [node('tokyo', 84)], runtimes: [engine('docker', ['tokyo'])] };
const down: Partial<Snapshot> = { ...well, nodes: [node('tokyo', 84, 'down')] };

describe('a node', () => {
  test('that dies is told once, with direct as the way out where a runtime gets nothing', () => {
    const look = looking();
    expect(look(0, well)).toEqual([]);
    expect(look(1, down)).toEqual([{ kind: 'node-down', node: 'tokyo', users: ['docker'], next: undefined }]);
    expect(look(2, down)).toEqual([]);
    expect(look(300, down)).toEqual([]);
  });

  test('that dies while the next one of the route serves says so, and offers no way that is not needed', () => {
    const look = looking();
    const runtimes = [engine('docker', ['tokyo', 'osaka'])];
    look(0, { nodes: [node('tokyo', 84), node('osaka', 90)], runtimes });
    expect(look(1, { nodes: [node('tokyo', 84, 'down'), node('osaka', 90)], runtimes })).toEqual([
      { kind: 'node-down', node: 'tokyo', users: ['docker'], next: 'osaka' },
    ]);
  });

  test('that comes and goes is told once an hour; if it stays away, at the end of the hour', () => {
    const look = looking();
    look(0, well);
    expect(kinds(look(1, down))).toEqual(['node-down']);
    expect(kinds(look(2, well))).toEqual(['node-back']);
    for (let at = 3; at < 20; at += 2) expect([look(at, down), look(at + 1, well)]).toEqual([[], []]);
    expect(look(30, down)).toEqual([]);
    expect(kinds(look(62, down))).toEqual(['node-down']);
  });

  test('that comes back is offered where everything pulls directly meanwhile', () => {
    const look = looking();
    look(0, well);
    look(1, down);
    const direct = { ...well, runtimes: [engine('docker')] };
    expect(look(5, direct)).toEqual([{ kind: 'node-back', node: 'tokyo', offer: true }]);
  });

  it.each<[string, Partial<Snapshot>]>([
    ['is slow', { ...well, nodes: [node('tokyo', 900, 'slow')] }],
    ['is not known for a while', { ...well, nodes: [node('tokyo', 84, 'unknown')] }],
    ['was removed', { ...well, nodes: [], runtimes: [engine('docker')] }],
    ['is being applied', { ...down, tasks: [task('node-apply', 'tokyo')] }],
    [
      'was applied just now',
      { ...down, tasks: [task('node-apply', 'tokyo', { state: 'done', endedAt: now + 50_000 })] },
    ],
  ])('that %s is no news', (_, snapshot) => {
    const look = looking();
    look(0, well);
    expect(look(1, snapshot)).toEqual([]);
  });

  test('that is down when the app starts is no news, and that it comes back is', () => {
    const look = looking();
    expect(look(0, down)).toEqual([]);
    expect(kinds(look(1, well))).toEqual(['node-back']);
  });

  test('whose disk is nearly full is told of its disk, not of its state too', () => {
    const look = looking();
    look(0, well);
    const filled = { ...well, nodes: [node('tokyo', 84, 'degraded', { problem: full })] };
    expect(kinds(look(1, filled))).toEqual(['disk-full']);
    expect(look(2, filled)).toEqual([]);
    // The core came back and has not looked at the disk yet.
    expect([look(90, well), look(91, filled)]).toEqual([[], []]);
  });

  test('that is down is told of although its disk is full, and each disk that fills is told of', () => {
    const look = looking();
    const filled = (name: string) => node(name, 84, 'degraded', { problem: full });
    look(0, { nodes: [node('tokyo', 84), node('osaka', 84)] });
    expect(look(1, { nodes: [filled('tokyo'), node('osaka', 84)] })).toMatchObject([
      { kind: 'disk-full', node: 'tokyo' },
    ]);
    expect(look(2, { nodes: [filled('tokyo'), filled('osaka')] })).toMatchObject([
      { kind: 'disk-full', node: 'osaka' },
    ]);
    const dead = node('tokyo', 84, 'down', { problem: full });
    expect(look(3, { nodes: [dead, filled('osaka')] })).toMatchObject([{ kind: 'node-down', node: 'tokyo' }]);
  });

  test('whose work ended this very moment is still explained by it', () => {
    const look = looking();
    look(0, well);
    const tasks = [task('node-apply', 'tokyo', { state: 'done', endedAt: now + minute })];
    expect(look(1, { ...down, tasks })).toEqual([]);
  });

  test('that serves only what is cached is told', () => {
    const look = looking();
    look(0, well);
    expect(kinds(look(1, { ...well, nodes: [node('tokyo', 84, 'degraded')] }))).toEqual(['node-degraded']);
  });
});

describe('a node whose state our own work changes', () => {
  const applying = [task('node-apply', 'tokyo', { startedAt: now })];
  const applied = [task('node-apply', 'tokyo', { state: 'done', endedAt: now + 60_000 })];

  test('is told of when it is still down after the work no longer explains it', () => {
    const look = looking();
    look(0, well);
    expect(look(0.5, { ...down, tasks: applying })).toEqual([]);
    expect(look(1.99, { ...down, tasks: applied })).toEqual([]);
    expect(kinds(look(2, { ...down, tasks: applied }))).toEqual(['node-down']);
  });

  test('is not told of when the work ended well, also where it was down before', () => {
    for (const before of [well, down]) {
      const look = looking();
      look(0, before);
      const told = [
        look(0.5, { ...down, tasks: applying }),
        look(1.5, { ...well, tasks: applied }),
        look(9, { ...well, tasks: applied }),
      ];
      expect(told.flat()).toEqual([]);
    }
  });

  test('is told of while another node is worked on', () => {
    const look = looking();
    look(0, well);
    expect(kinds(look(1, { ...down, tasks: [task('node-apply', 'osaka')] }))).toEqual(['node-down']);
  });
});

describe('what a node that dies means for engines', () => {
  const nodes = [node('tokyo', 84, 'down'), node('osaka', 90), node('pi', 5, 'unknown'), node('lab', 5, 'down')];
  const up = nodes.map((each) => ({ ...each, state: 'up' as const }));
  const toldOf = (...runtimes: readonly RuntimeView[]) => {
    const look = looking();
    look(0, { nodes: up, runtimes: [...runtimes] });
    return look(1, { nodes, runtimes: [...runtimes] }).find(
      (each) => each.kind === 'node-down' && each.node === 'tokyo',
    );
  };

  it.each<[string, readonly RuntimeView[], readonly string[], string | undefined]>([
    ['nobody pulls through it', [engine('docker', ['osaka'])], [], undefined],
    [
      'nobody pulls through anything',
      [engine('docker'), engine('podman', [], { route: undefined as never })],
      [],
      undefined,
    ],
    ['the next one that serves takes over', [engine('docker', ['tokyo', 'lab', 'pi', 'osaka'])], ['docker'], 'osaka'],
    ['whether the next one serves is not known', [engine('docker', ['tokyo', 'pi'])], ['docker'], undefined],
    [
      'one engine has another node and one has none: the one that gets nothing counts',
      [engine('docker', ['tokyo', 'osaka']), engine('podman', ['tokyo'])],
      ['docker', 'podman'],
      undefined,
    ],
    [
      'an engine that gets nothing, but not because of this node, does not count',
      [engine('docker', ['tokyo', 'osaka']), engine('podman', ['lab'])],
      ['docker'],
      'osaka',
    ],
  ])('%s', (_, runtimes, users, next) => {
    expect(toldOf(...runtimes)).toEqual({ kind: 'node-down', node: 'tokyo', users, next });
  });

  test('one that comes back is not offered where an engine pulls through another, or where they differ', () => {
    for (const runtimes of [[engine('docker', ['osaka'])], [engine('docker'), engine('podman', ['osaka'])]]) {
      const look = looking();
      look(0, { nodes: [node('tokyo', 84, 'down')], runtimes });
      expect(look(1, { nodes: [node('tokyo', 84)], runtimes })).toEqual([
        { kind: 'node-back', node: 'tokyo', offer: false },
      ]);
    }
  });
});

test('a node that was only added, and one that is new, are no news', () => {
  const look = looking();
  look(0, { nodes: [] });
  const added = node('new', 84, 'down', { applied: false });
  expect(look(1, { nodes: [added, node('tokyo', 84, 'down')] })).toEqual([]);
  expect(look(2, { nodes: [{ ...added, problem: full }] })).toEqual([]);
});

test('a degraded node whose disk was seen to be fuller only then is told of its disk, and of its state when that is another', () => {
  const look = looking();
  const disk = { totalBytes: 9, freeBytes: 1, totalInodes: 9, freeInodes: 9, cacheBytes: 1 };
  const filled = node('tokyo', 84, 'degraded', { problem: full, disk });
  expect(look(0, { nodes: [filled] })).toEqual([]);
  expect(look(1, { nodes: [filled] })).toEqual([]);
  expect(look(2, { nodes: [node('tokyo', 84, 'up', { disk })] }).map(({ kind }) => kind)).toEqual(['node-back']);
  expect(kinds(look(3, { nodes: [filled] }))).toEqual(['disk-full']);
  expect(look(4, { nodes: [node('tokyo', 84, 'up', { disk })] })).toEqual([]);
  expect(look(5, { nodes: [filled] })).toEqual([]);
  look(6, { nodes: [node('tokyo', 84, 'up', { disk })] });
  expect(kinds(look(64, { nodes: [filled] }))).toEqual(['disk-full']);
});

describe('a clock that was set back', () => {
  test('silences nothing until it has caught up', () => {
    const look = looking();
    look(600, well);
    expect(kinds(look(601, down))).toEqual(['node-down']);
    look(602, well);
    expect(kinds(look(0, down))).toEqual(['node-down']);
  });

  test('does not make work that ended explain what happens hours after it', () => {
    const look = looking();
    const tasks = [task('node-apply', 'tokyo', { state: 'done', endedAt: now + 600 * minute })];
    look(601, { ...well, tasks });
    expect(kinds(look(5, { ...down, tasks }))).toEqual(['node-down']);
  });
});

describe('a route', () => {
  const foreign = { ...well, runtimes: [engine('docker', [], { route: undefined as never, mirrors: ['m.example'] })] };

  test('that something else took away is told', () => {
    const look = looking();
    look(0, well);
    expect(look(1, foreign)).toEqual([{ kind: 'route-lost', engine: 'docker', route: ['tokyo'] }]);
    expect(look(2, foreign)).toEqual([]);
  });

  test('that a switch of ours is changing is no news', () => {
    const look = looking();
    look(0, well);
    expect(look(1, { ...foreign, tasks: [task('switch', 'docker')] })).toEqual([]);
    expect(look(2, { ...well, runtimes: [engine('docker')], tasks: [] })).toEqual([]);
  });

  test('that was direct, or was never known, cannot be lost', () => {
    for (const before of [engine('docker'), engine('docker', [], { route: undefined as never })]) {
      const look = looking();
      look(0, { ...well, runtimes: [before] });
      expect(look(1, foreign)).toEqual([]);
      expect(look(2, foreign)).toEqual([]);
    }
  });

  test('that is not known for a while, or whose engine was not there, is told when something else stands there', () => {
    const look = looking();
    look(0, well);
    expect(look(1, { ...well, runtimes: [engine('docker', [], { route: undefined as never })] })).toEqual([]);
    expect(
      look(2, { ...well, runtimes: [engine('docker', [], { state: 'stopped', route: undefined as never })] }),
    ).toEqual([]);
    expect(kinds(look(3, foreign))).toEqual(['route-lost']);
  });

  test('that is taken away again within the hour is told once', () => {
    const look = looking();
    look(0, well);
    expect(kinds(look(1, foreign))).toEqual(['route-lost']);
    look(2, well);
    expect(look(3, foreign)).toEqual([]);
    look(62, well);
    expect(kinds(look(63, foreign))).toEqual(['route-lost']);
  });

  test('that something else took away while we worked on the engine is told when the work no longer explains it', () => {
    const look = looking();
    look(0, well);
    const tasks = [task('prove', 'docker', { state: 'done', endedAt: now + 60_000 })];
    expect(look(1.5, { ...foreign, tasks })).toEqual([]);
    expect(kinds(look(2, { ...foreign, tasks }))).toEqual(['route-lost']);
  });

  test('of an engine that stopped is no news', () => {
    const look = looking();
    look(0, well);
    expect(
      look(1, { ...well, runtimes: [engine('docker', [], { state: 'stopped', route: undefined as never })] }),
    ).toEqual([]);
    const others = { state: 'stopped', route: undefined as never, mirrors: ['m.example'] } as const;
    expect(look(2, { ...well, runtimes: [engine('docker', [], { ...others, mirrors: [...others.mirrors] })] })).toEqual(
      [],
    );
  });

  test('of each engine is told, also within the same hour', () => {
    const look = looking();
    const follow = (...lost: readonly string[]) =>
      (['docker', 'podman'] as const).map((id) =>
        lost.includes(id)
          ? engine(id, [], { route: undefined as never, mirrors: ['m.example'] })
          : engine(id, ['tokyo']),
      );
    look(0, { ...well, runtimes: follow() });
    expect(look(1, { ...well, runtimes: follow('podman') })).toMatchObject([{ kind: 'route-lost', engine: 'podman' }]);
    expect(look(2, { ...well, runtimes: follow('podman', 'docker') })).toMatchObject([
      { kind: 'route-lost', engine: 'docker' },
    ]);
  });
});

describe('a job', () => {
  const failed = { ...well, tasks: [task('prune', 'tokyo', { state: 'failed', problem: failure })] };

  test('that failed is told once, also where it began and ended between two looks', () => {
    const look = looking();
    look(0, well);
    expect(kinds(look(1, failed))).toEqual(['task-failed']);
    expect(look(2, failed)).toEqual([]);
  });

  test('that only asked for a proof is no news: what is behind it is told by itself', () => {
    const look = looking();
    look(0, well);
    expect(look(1, { ...well, tasks: [task('prove', 'docker', { state: 'failed', problem: failure })] })).toEqual([]);
  });

  test('that was cut short is told, one that was cancelled or ended well is not', () => {
    const look = looking();
    look(0, well);
    const tasks = (['interrupted', 'cancelled', 'done', 'running'] as const).map((state) =>
      task('prune', state, { state }),
    );
    expect(look(1, { ...well, tasks })).toEqual([{ kind: 'task-failed', task: tasks[0] }]);
    const failedNow = task('prune', 'running', { state: 'failed' });
    expect(look(2, { ...well, tasks: [failedNow] })).toEqual([{ kind: 'task-failed', task: failedNow }]);
  });

  test('that failed before the app started, or before someone’s eyes, is no news', () => {
    expect(looking()(0, failed)).toEqual([]);
    const look = looking();
    look(0, well);
    expect(look(1, failed, { watched: true })).toEqual([]);
    expect(look(2, failed)).toEqual([]);
  });

  test('that only misses a password is no failure: the window asks for it', () => {
    const look = looking();
    look(0, well);
    const problem = { ...failure, code: 'sudo-password-needed' };
    expect(look(1, { ...well, tasks: [task('switch', 'docker', { state: 'failed', problem })] })).toEqual([]);
  });
});

test('a core that is left alone is told once; one that comes back by itself is not', () => {
  const look = looking();
  look(0, well);
  expect(look(1, well, { core: { state: 'lost', own: true } })).toEqual([]);
  expect(look(2, well)).toEqual([]);
  const stopped = { state: 'stopped', own: true, problem: failure } as const;
  expect(look(3, well, { core: stopped })).toEqual([{ kind: 'core-stopped', problem: failure }]);
  expect(look(4, well, { core: stopped })).toEqual([]);
});

test('a core that does not run when the app starts is shown in the window, and is told of when it stops later', () => {
  const stopped = { state: 'stopped', own: true, problem: failure } as const;
  const look = looking();
  expect(look(0, well, { core: stopped })).toEqual([]);
  expect(look(1, well, { core: stopped })).toEqual([]);
  look(2, well);
  expect(kinds(look(3, well, { core: stopped }))).toEqual(['core-stopped']);
  look(4, well);
  expect(kinds(look(5, well, { core: stopped }))).toEqual(['core-stopped']);
});

test('what was known before the core was away is what later news are measured by', () => {
  const look = looking();
  look(0, well);
  expect(look(1, {}, { core: { state: 'lost', own: true } })).toEqual([]);
  expect(look(2, {}, { snapshot: undefined })).toEqual([]);
  expect(kinds(look(3, down))).toEqual(['node-down']);
});

test('a click on a notice leads to what it is about, and its button does what it says', () => {
  const interrupted = task('prune', 'a b', { state: 'interrupted', title: 'Prune a b' });
  const notices: Notice[] = [
    { kind: 'node-down', node: 'tokyo', users: ['docker'], next: undefined },
    { kind: 'node-down', node: 'tokyo', users: ['docker'], next: 'osaka' },
    { kind: 'node-down', node: 'tokyo', users: [], next: undefined },
    { kind: 'node-degraded', node: 'tokyo' },
    { kind: 'node-back', node: 'tokyo', offer: true },
    { kind: 'node-back', node: 'tokyo', offer: false },
    { kind: 'route-lost', engine: 'docker', route: ['tokyo', 'osaka'] },
    { kind: 'disk-full', node: 'tokyo', problem: full },
    { kind: 'task-failed', task: interrupted },
    { kind: 'core-stopped', problem: failure },
  ];
  const open = (hash: string) => ({ kind: 'open', hash });
  const diagnosis = open('#/fleet/tokyo?show=diagnosis');
  const texts = notices.map((notice) => noticeText(notice, { language: 'en', words: wordsFor('en') }));
  expect(texts.map(({ click, way }) => [click, way?.action])).toEqual([
    [open('#/runtimes?route=direct'), { kind: 'switch', route: [] }],
    [diagnosis, diagnosis],
    [diagnosis, diagnosis],
    [open('#/fleet/tokyo'), diagnosis],
    [open('#/runtimes?route=tokyo'), { kind: 'switch', route: ['tokyo'] }],
    [open('#/fleet/tokyo'), undefined],
    [open('#/runtimes'), open('#/runtimes')],
    [open('#/cache?node=tokyo&show=prune'), open('#/cache?node=tokyo&show=prune')],
    [open('#/activity?subject=a%20b'), open('#/activity?subject=a%20b')],
    [{ kind: 'open' }, { kind: 'show-log' }],
  ]);
  expect(texts.slice(6).map(({ title, body }) => [title, body])).toEqual([
    ['Docker no longer follows tokyo, osaka', 'Something else changed its mirrors.'],
    ['The disk of tokyo is nearly full', 'The disk of tokyo is nearly full.'],
    ['Interrupted: Prune a b', ''],
    ['The core does not run', 'tokyo does not answer.'],
  ]);
});

test.each(['en', 'zh-CN'] as const)('every notice in %s says what happened, and has its way out', (language) => {
  const notices: Notice[] = [
    { kind: 'node-down', node: 'tokyo', users: ['docker'], next: undefined },
    { kind: 'node-down', node: 'tokyo', users: ['docker', 'podman'], next: 'osaka' },
    { kind: 'node-down', node: 'tokyo', users: [], next: undefined },
    { kind: 'node-degraded', node: 'tokyo' },
    { kind: 'node-back', node: 'tokyo', offer: true },
    { kind: 'node-back', node: 'tokyo', offer: false },
    { kind: 'route-lost', engine: 'docker', route: ['tokyo'] },
    { kind: 'disk-full', node: 'tokyo', problem: full },
    { kind: 'task-failed', task: task('prune', 'tokyo', { state: 'failed', problem: failure, title: 'Prune tokyo' }) },
    { kind: 'core-stopped', problem: undefined },
  ];
  const texts = notices.map((notice) => noticeText(notice, { language, words: wordsFor(language) }));
  for (const { title, body, way } of texts) {
    expect(`${title}${body}${way?.label}`).not.toMatch(/\{\{/);
    if (language === 'zh-CN') expect(title).toMatch(/[\u4e00-\u9fff]/);
  }
  if (language === 'en')
    expect(texts.map(({ title, body, way }) => [title, body, way?.label])).toEqual([
      ['tokyo is down', 'Docker cannot pull through it. Nothing was changed.', 'Switch to direct'],
      ['tokyo is down', 'Docker, Podman: osaka serves instead.', 'Diagnose'],
      ['tokyo is down', 'No engine of this computer pulls through it now.', 'Diagnose'],
      ['tokyo is degraded', 'What is cached is served; new images may not come.', 'Diagnose'],
      ['tokyo is back to normal', 'It serves everything again; all engines pull directly now.', 'Switch to tokyo'],
      ['tokyo is back to normal', 'It serves everything again.', undefined],
      ['Docker no longer follows tokyo', 'Something else changed its mirrors.', 'Look'],
      ['The disk of tokyo is nearly full', 'The disk of tokyo is nearly full.', 'Prune caches…'],
      ['Failed: Prune tokyo', 'tokyo does not answer.', 'Look'],
      ['The core does not run', 'It ended several times in a row and is left alone.', 'Show log'],
    ]);
  expect(texts[0]?.way?.action).toEqual({ kind: 'switch', route: [] });
});
