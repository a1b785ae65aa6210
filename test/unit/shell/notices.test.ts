import { describe, expect, it, test } from 'vitest';
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

  test('that serves only what is cached is told', () => {
    const look = looking();
    look(0, well);
    expect(kinds(look(1, { ...well, nodes: [node('tokyo', 84, 'degraded')] }))).toEqual(['node-degraded']);
  });
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

  test('of an engine that stopped is no news', () => {
    const look = looking();
    look(0, well);
    expect(
      look(1, { ...well, runtimes: [engine('docker', [], { state: 'stopped', route: undefined as never })] }),
    ).toEqual([]);
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
