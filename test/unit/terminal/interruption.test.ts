import { expect, test, vi } from 'vitest';
import type { Task } from '../../../preload/contract/task.ts';
import { nodeName, portNumber, size, span, upstreamList } from '../../../main/terminal/arguments.ts';
import { freesLine } from '../../../main/terminal/cache-images.ts';
import { Interrupted, Interruption } from '../../../main/terminal/interruption.ts';
import { nodeLines } from '../../../main/terminal/node-lines.ts';
import { stopped, throwIfEndedBadly } from '../../../main/terminal/task-progress.ts';

test('Ctrl-C ends a look at once', async () => {
  const interruption = new Interruption(() => {});
  const looking = interruption.orAtOnce(new Promise<void>(() => {}));
  interruption.press();
  await expect(looking).rejects.toBeInstanceOf(Interrupted);
  expect(interruption.signal.aborted).toBe(true);
});

test('Ctrl-C lets a job say what it leaves', async () => {
  const interruption = new Interruption(() => {});
  const job = Promise.withResolvers<string>();
  const working = interruption.orAtOnce(interruption.whileWorking(() => job.promise));
  interruption.press();
  job.resolve('left in order');
  await expect(working).resolves.toBe('left in order');
});

test('a second Ctrl-C leaves, but the echo of the first does not', () => {
  const leave = vi.fn<() => void>();
  const interruption = new Interruption(leave);
  const clock = vi.spyOn(performance, 'now').mockReturnValue(10_000);
  interruption.press();
  interruption.press();
  expect(leave).not.toHaveBeenCalled();
  clock.mockReturnValue(11_000);
  interruption.press();
  expect(leave).toHaveBeenCalledOnce();
  clock.mockRestore();
});

const task: Task = {
  id: 'i',
  kind: 'node-apply',
  subject: 'tokyo',
  title: 'Apply tokyo',
  state: 'cancelled',
  startedAt: 0,
  steps: [
    { id: 'a', label: 'Make folders', state: 'done' },
    { id: 'b', label: 'Bring the image', state: 'failed' },
  ],
};

test('a stopped job names its last whole step and how it is finished', () => {
  expect(stopped(task)).toMatchObject({
    code: 'cancelled',
    message: '"Apply tokyo" was stopped after "Make folders"; what was done until then stays.',
    hint: expect.stringContaining('mirrorfleet node apply tokyo') as string,
  });
  expect(stopped({ ...task, steps: [] }).message).toContain('before anything was done');
});

test('a stopped switch that was taken back does not say that it stays, and one that could not be says that', () => {
  const back: Task = {
    ...task,
    kind: 'switch',
    steps: [
      { id: 'rights', label: 'Become root', state: 'done' },
      { id: 'files', label: 'Write', state: 'undone' },
    ],
  };
  expect(stopped(back).message).toMatch(/"Become root"; what was done was taken back\.$/);
  const problem = { code: 'restore-failed', message: 'It stays half-way.', hint: 'h', retryable: true };
  expect(() => throwIfEndedBadly({ ...back, problem })).toThrow('It stays half-way.');
  expect(() => throwIfEndedBadly(back)).toThrow(/was stopped/);
});

test('words that cannot be read are refused with an example', () => {
  expect([nodeName('tokyo'), portNumber('443'), span('2h'), size('20GB'), upstreamList('docker.io, ghcr.io')]).toEqual([
    'tokyo',
    443,
    7200,
    20_000_000_000,
    ['docker.io', 'ghcr.io'],
  ]);
  expect(() => nodeName('Tokyo')).toThrow(/beginning with a letter/);
  for (const wrong of ['0', '65536', 'https', '4.5', '']) expect(() => portNumber(wrong)).toThrow(/1 to 65535/);
  expect(() => span('soon')).toThrow(/30d/);
  expect(() => size('much')).toThrow(/20GB/);
  expect(() => upstreamList(',')).toThrow(/no registry/);
  expect(() => upstreamList('docker.io,-x')).toThrow(/"-x" is no registry/);
});

test('the list of nodes is aligned, whatever their names', () => {
  const node = { kind: 'ssh' as const, port: 443, state: 'unknown' as const, mirrors: [] };
  expect(
    nodeLines([
      { ...node, name: 'a', address: '203.0.113.7', applied: false },
      { ...node, name: 'a-name-of-thirty-one-letters-xx', address: 'mirror.example', applied: true },
    ]),
  ).toEqual([
    'NAME                             ADDRESS             STATE            UPSTREAMS',
    'a                                203.0.113.7:443     not applied yet',
    'a-name-of-thirty-one-letters-xx  mirror.example:443  applied',
  ]);
});

test('what a prune frees is said in words', () => {
  const preview = { node: 'tokyo', policy: { kind: 'all' as const }, victims: [], kept: [], blobs: 0, freedBytes: 0 };
  expect(freesLine(preview)).toBe('Nothing to free.');
  expect(freesLine({ ...preview, blobs: 2, freedBytes: 2_100_000 })).toBe('Frees 2.1 MB: 2 blobs that no image needs.');
});
