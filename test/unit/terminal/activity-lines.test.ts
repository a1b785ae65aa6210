import { expect, test } from 'vitest';
import { shellOf } from '../../../main/provision/shell-of.ts';
import { activityEntryLines, activityLines, tookText } from '../../../main/terminal/activity-lines.ts';
import type { ActivityEntry } from '../../../preload/contract/activity.ts';

const entry: ActivityEntry = {
  id: '3f2a91bc-0000-4000-8000-000000000000',
  kind: 'switch',
  subject: 'docker',
  title: 'Switch docker to tokyo',
  who: 'dev@laptop',
  state: 'done',
  startedAt: 1_000_000,
  endedAt: 1_001_234,
  steps: [{ id: 'files', label: 'Write the configuration', state: 'done' }],
  changes: [{ path: '/etc/docker/daemon.json', action: 'change', diff: '@@ -1 +1 @@\n-{}\n+{ "a": 1 }\n' }],
  outcome: { requests: 4 },
  undo: true,
  resume: false,
};

test.each([
  [undefined, '–'],
  [1_000_000, '–'],
  [1_000_400, '0.4 s'],
  [1_012_000, '12 s'],
  [1_180_000, '3 min'],
])('what ended at %s took %s', (endedAt, expected) => {
  expect(tookText({ startedAt: 1_000_000, endedAt })).toBe(expected);
});

test('the journal as a table says who did what, how long it took and what can be done about it', () => {
  expect(activityLines([entry, { ...entry, undo: false, undoneBy: 'x', changes: [] }], 1_240_000)).toEqual([
    'ID        WHEN       WHO         WHAT                    STATE    TOOK  FILES  CAN',
    '3f2a91bc  4 min ago  dev@laptop  Switch docker to tokyo  done    1.2 s      1  undo',
    '3f2a91bc  4 min ago  dev@laptop  Switch docker to tokyo  undone  1.2 s      –',
  ]);
});

test('an entry tells its proof, what was warned of, and what each step said or failed of, in words', () => {
  const problem = { code: 'disk-full', message: 'The disk is full.', hint: 'Prune.', retryable: false };
  const lines = activityEntryLines({
    ...entry,
    outcome: { proof: { code: 'proof-request', values: { requestId: 'r1', node: 'tokyo', image: 'busybox' } } },
    warnings: [{ code: 'upstream-refuses', message: 'gcr.io refuses.', hint: 'Wait.', retryable: true }],
    steps: [
      {
        id: 'verify',
        label: 'Try',
        state: 'done',
        note: { code: 'upstreams-gave', values: { gave: 5, upstreams: 5, imageBytes: 4_500_000 } },
      },
      { id: 'files', label: 'Write', state: 'failed', note: { code: 'pulling', values: { image: 'x' } }, problem },
    ],
  });
  expect(lines).toEqual(
    expect.arrayContaining([
      '  proof: request r1 at tokyo for busybox',
      '  ! gcr.io refuses.',
      '    Wait.',
      '  ✓ Try  (5 of 5 upstreams gave an image (4.5 MB))',
      '  ✕ Write  (The disk is full.)',
    ]),
  );
});

test('one entry in full shows its steps, its diff and the way back', () => {
  expect(activityEntryLines(entry)).toEqual([
    'Switch docker to tokyo',
    '  id      3f2a91bc-0000-4000-8000-000000000000',
    '  who     dev@laptop',
    '  when    1970-01-01T00:16:40.000Z',
    '  took    1.2 s',
    '  state   done',
    '  requests: 4',
    '  ✓ Write the configuration',
    'change /etc/docker/daemon.json',
    '    @@ -1 +1 @@',
    '    -{}',
    '    +{ "a": 1 }',
    'Take it back: mirrorfleet activity undo 3f2a91bc',
  ]);
});

test.each([
  [{ destination: 'root@203.0.113.7' }, 'ssh root@203.0.113.7'],
  [
    { destination: 'tokyo', port: 2222, identityFile: '/home/a b/key', jump: 'bastion' },
    "ssh -p 2222 -i '/home/a b/key' -J bastion tokyo",
  ],
])('how to be on the machine of %j', (target, expected) => {
  expect(shellOf(target)).toBe(expected);
});
