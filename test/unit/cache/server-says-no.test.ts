import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { cacheProblem } from '../../../main/cache/cache-problem.ts';
import { PruneReportReader } from '../../../main/cache/prune-report.ts';
import { readSnapshot } from '../../../main/cache/read-inventory.ts';
import { putSchedule } from '../../../main/cache/schedule.ts';
import { scrubCache } from '../../../main/cache/scrub.ts';
import type { CommandResult, Host } from '../../../main/hosts/host.ts';
import { localHost } from '../../../main/hosts/local-host.ts';
import { Tasks } from '../../../main/tasks/tasks.ts';
import { problemOf } from '../../../preload/contract/problem.ts';
import type { JobContext } from '../../../main/tasks/tasks.ts';
import { problemCode } from '../problem-code.ts';

const spec = { name: 'tokyo' };
const empty = Buffer.concat([Buffer.from('mirrorfleet-cache 1 1800000000 1\nmanifests 0\nend\n')]);

/** A server that says the listing where it is asked for one, and answers everything else as told. */
function server(listing: Uint8Array, result: Partial<CommandResult> = {}): Host {
  return {
    ...localHost('tokyo'),
    name: 'tokyo',
    roundTrips: 0,
    run: async ({ argv, onOutput }) => {
      const lists = argv.includes('-s');
      if (lists) onOutput?.(listing);
      return { code: 0, stdout: '', stderr: '', ...(lists ? {} : result) };
    },
    replaceFile: async () => {},
    close: async () => {},
  };
}

async function codeOfTask(body: (job: JobContext) => Promise<void>): Promise<string | undefined> {
  const task = await new Tasks(() => {}).run({ kind: 'scrub', subject: 'tokyo', title: 'Check' }, body);
  return task.problem?.code;
}

test.each([
  [10, 'node-not-applied'],
  [11, 'tool-missing'],
  [12, 'no-temporary-folder'],
  [13, 'registry-cache-enabled'],
  [15, 'cache-unreadable'],
  [16, 'pins-changed'],
  [75, 'node-busy'],
  [1, 'cache-command-failed'],
  [137, 'cache-command-failed'],
])('a cache script that ends with %d says %s, with what the server said', (code, expected) => {
  const { problem } = cacheProblem('tokyo', { code, stdout: '', stderr: 'what it said' });
  expect([problem.code, Object.values(problem.detail ?? {})]).toEqual([expected, ['what it said']]);
});

test.each([
  ['nothing at all', '', 'nothing'],
  ['another program', '<html>\n', 'prune-report-invalid'],
  ['a line without an end', 'x'.repeat(2000), 'prune-report-invalid'],
  ['a number that is none', 'freed 1e99 2\n', 'prune-report-invalid'],
  ['a step that is none', 'step dance\n', 'prune-report-invalid'],
])('a prune report of %s', (_, said, expected) => {
  const reader = new PruneReportReader({ stage: () => {}, blobs: () => {} });
  expect(problemCode(() => reader.push(Buffer.from(said)))).toBe(expected);
  expect(reader.finish()).toBeUndefined();
});

test.each<[string, Uint8Array, string]>([
  ['nothing', new Uint8Array(), 'cache-listing-incomplete'],
  ['half of it', empty.subarray(0, 40), 'cache-listing-incomplete'],
  ['half of it, packed', gzipSync(empty).subarray(0, 30), 'cache-listing-incomplete'],
  ['something else', Buffer.from('Welcome to tokyo\n'), 'cache-listing-invalid'],
  ['a gigabyte without a line end, packed', gzipSync(Buffer.alloc(64 << 20, 'x')), 'cache-listing-invalid'],
])('a listing that is %s is refused', async (_, listing, expected) => {
  const problem = await readSnapshot(server(listing), spec).then(
    () => undefined,
    (error: unknown) => problemOf(error),
  );
  expect(problem?.code).toBe(expected);
});

test('a check of the files that does not come to its end is no check', async () => {
  expect(await codeOfTask((job) => scrubCache(server(empty, { stdout: '' }), spec, true, job))).toBe(
    'scrub-report-invalid',
  );
});

test('a schedule that the server does not take is told, with what it said', async () => {
  const host = { ...server(empty), run: async () => ({ code: 1, stdout: 'none\n', stderr: 'Read-only file system' }) };
  const looks: Host = {
    ...host,
    run: async (command) => (command.argv[0] === 'mkdir' ? host.run() : { code: 0, stdout: 'none\n', stderr: '' }),
  };
  const code = await codeOfTask((job) => putSchedule(looks, spec, { at: '03:30', unusedDays: 30 }, job));
  expect(code).toBe('schedule-not-set');
});
