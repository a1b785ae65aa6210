import { expect, test } from 'vitest';
import { ProblemError, problemOf } from '../../../preload/contract/problem.ts';
import { undoingPull } from '../../../main/runtimes/podman-pull.ts';
import { broughtBy } from '../../../main/runtimes/privileged-containerd.ts';
import { inTime } from '../../../main/runtimes/proof.ts';

const digest = `sha256:${'d'.repeat(64)}`;
const pulled = `docker.io/library/busybox@${digest}`;

/** A pull that ends when it is told to, as an aborted request does. */
const hanging = (limit: AbortSignal): Promise<never> =>
  new Promise((_, reject) => limit.addEventListener('abort', () => reject(new Error('aborted'))));

test('a pull that takes too long is a failed proof and no fault of ours; one that is cancelled says so', async () => {
  const endless = new AbortController();
  const late = await inTime('Docker', endless.signal, hanging, 5).catch(problemOf);
  expect(late).toMatchObject({ code: 'proof-pull-failed', retryable: true });
  const stop = new AbortController();
  const stopped = inTime('Docker', stop.signal, hanging).catch(problemOf);
  stop.abort(new ProblemError({ code: 'cancelled', message: 'm', hint: 'h', retryable: true }));
  expect(await stopped).toMatchObject({ code: 'cancelled' });
  await expect(inTime('Docker', endless.signal, () => Promise.reject(new Error('own')))).rejects.toThrow('own');
});

test('containerd loses the names that our pull brought, and none that Kubernetes brought meanwhile', () => {
  const other = `sha256:${'e'.repeat(64)}`;
  const before = new Map([['docker.io/library/old:1', other]]);
  const after = new Map([
    ...before,
    [pulled, digest],
    [`sha256:${'1'.repeat(64)}`, digest],
    ['docker.io/library/nginx:1', other],
    [`sha256:${'2'.repeat(64)}`, other],
    ['docker.io/library/busybox:latest', digest],
  ]);
  expect(broughtBy(pulled, before, after)).toEqual([pulled, `sha256:${'1'.repeat(64)}`]);
  expect(broughtBy(pulled, after, after)).toEqual([]);
});

const image = (...names: string[]) => ({ names, bytes: 1, used: false });
test.each([
  ['takes a new image away', [], [['new', image(pulled)]], [['rmi', 'new']]],
  ['takes one away that came without a name', [], [['new', image()]], [['rmi', 'new']]],
  [
    'leaves what was built or pulled meanwhile',
    [],
    [
      ['built', image()],
      ['theirs', image('theirs:1')],
    ],
    [],
  ],
  [
    'takes its name off an image of the user',
    [['old', image('busybox:1')]],
    [['old', image('busybox:1', pulled, 'mine:2')]],
    [['untag', 'old', pulled]],
  ],
  ['leaves a name that was there', [['old', image(pulled)]], [['old', image(pulled)]], []],
  [
    'leaves a new image that got another name meanwhile',
    [],
    [['new', image(pulled, 'mine:1')]],
    [['untag', 'new', pulled]],
  ],
] as const)('a proof’s pull with Podman %s', (_, before, after, expected) => {
  expect(undoingPull(new Map(before), new Map(after), { id: 'new', digest })).toEqual(expected);
});
