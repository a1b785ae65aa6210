import { describe, expect, it } from 'vitest';
import { nodeLayout } from '../../../main/fleet/node-layout.ts';
import type { Command, CommandResult } from '../../../main/hosts/host.ts';
import { silentLog } from '../../../main/log/log.ts';
import type { ImageStandings } from '../../../main/provision/image-identity.ts';
import type { Observed } from '../../../main/provision/observed.ts';
import { planNode } from '../../../main/provision/plan-node.ts';
import { undoApply } from '../../../main/provision/undo-apply.ts';
import { Tasks } from '../../../main/tasks/tasks.ts';
import { problemOf } from '../../../preload/contract/problem.ts';
import { answering } from './answering-host.ts';
import { appliedServer, desired, emptyServer, spec, standings } from './node-fixture.ts';

const cause = { code: 'mirror-down', message: 'It does not answer.', hint: 'Look at its log.', retryable: false };
const old = { hash: 'b'.repeat(64), mode: 0o644, uid: 0, gid: 0, bytes: 4, text: 'old\n' };

/** Takes an apply of the fixture's node back on a server that was found like this, and says what was done there. */
async function undo(
  observed: Observed,
  images: ImageStandings = standings,
  answer: (command: Command) => Partial<CommandResult> = () => ({}),
) {
  const commands: string[][] = [];
  const host = answering((command) => {
    commands.push(command.argv.map((word) => (word.includes('\n') ? 'SCRIPT' : word)));
    return answer(command);
  });
  const plan = planNode({ spec, desired, standings: images, observed, installEngine: false });
  let said = problemOf(undefined);
  const task = await new Tasks(() => {}).run({ kind: 'node-apply', subject: 'tokyo', title: 'apply' }, async (job) => {
    for (const id of ['files', 'services', 'leftovers']) await job.step(id, id, async () => undefined);
    said = (await undoApply(job, { host, spec, layout: nodeLayout(spec), plan, observed, log: silentLog }, cause))
      .problem;
  });
  const undone = task.steps.filter(({ state }) => state === 'undone').map(({ id }) => id);
  return { said, commands, undone, notes: task.steps.map(({ note }) => note) };
}

describe('the undo of an apply that changed a node', () => {
  const { state } = appliedServer;
  if (state === undefined) throw new Error('the fixture has a state');
  const changed: Observed = {
    ...appliedServer,
    state: { ...state, files: { ...state.files, 'registry/quay.io.yml': old.hash } },
    files: { ...appliedServer.files, 'registry/docker.io.yml': old, 'registry/quay.io.yml': old },
  };

  it('gives the old files back, what had gone first, and then the containers of before', async () => {
    const { said, commands, undone, notes } = await undo(changed);
    expect(said).toEqual({
      ...cause,
      message: 'It does not answer. The previous files and containers of tokyo are back.',
    });
    expect(undone).toEqual(['files', 'services', 'leftovers']);
    expect(notes).toContainEqual({ code: 'previous-back', values: { host: 'tokyo' } });
    const compose =
      'docker compose -p mirrorfleet -f /opt/mirrorfleet/compose.yaml --project-directory /opt/mirrorfleet';
    expect(commands.map((argv) => argv.join(' '))).toEqual([
      'sh -c SCRIPT sh /opt/mirrorfleet restore registry/quay.io.yml restore registry/docker.io.yml',
      `${compose} up -d --remove-orphans`,
      `${compose} restart -t 40 mirror-docker.io`,
    ]);
  });

  it('takes away what was new, the last written first, and calls Compose for nothing where no container changed', async () => {
    const { 'envoy/xds/rds.yaml': _, 'envoy/xds/cds.yaml': __, ...files } = appliedServer.files;
    const { commands, undone } = await undo({ ...appliedServer, files });
    expect(commands.map((argv) => argv.slice(5).join(' '))).toEqual([
      'delete envoy/xds/rds.yaml delete envoy/xds/cds.yaml',
    ]);
    expect(undone).toEqual(['files']);
  });

  it('restarts none that did not run before, and brings no containers back of a project that was not there', async () => {
    const stopped = changed.containers.map((each) => ({ ...each, state: 'exited' }));
    const verbs = async (observed: Observed) => (await undo(observed)).commands.map((argv) => argv.slice(8).join(' '));
    expect((await verbs({ ...changed, containers: stopped })).slice(1)).toEqual(['up -d --remove-orphans']);
    const { 'compose.yaml': _, ...files } = changed.files;
    expect(await verbs({ ...changed, files })).toHaveLength(1);
  });

  it('says of those steps alone that they are taken back that did something', async () => {
    const stopped = appliedServer.containers.map((each) => ({ ...each, state: 'exited' }));
    expect((await undo({ ...appliedServer, containers: stopped })).undone).toEqual(['services']);
    const quay = { id: 'c'.repeat(64), service: 'mirror-quay.io', state: 'running', image: 'x' };
    const orphan = { ...appliedServer, containers: [...appliedServer.containers, quay] };
    expect((await undo(orphan)).undone).toEqual(['services', 'leftovers']);
    const retired = { ...changed, files: { ...appliedServer.files, 'registry/quay.io.yml': old } };
    expect((await undo(retired)).undone).toEqual(['files', 'leftovers']);
  });

  it('says that both failed, and what to do, where the old files do not come back', async () => {
    const { said, undone } = await undo(changed, standings, () => ({ code: 1, stderr: 'read-only file system' }));
    expect(said.code).toBe('mirror-down');
    expect(said.message).toMatch(
      /^It does not answer\. Taking the change back failed too \(.*\), so the node is half changed\.$/,
    );
    expect(said.hint).toBe('Look at its log. Then apply again: it goes on from whatever is there.');
    expect(said.detail?.['undo']).toContain('read-only file system');
    expect(undone).toEqual([]);
  });
});

describe('the undo of an apply on a new server', () => {
  const gone = (command: Command) => (command.argv.join(' ').includes('rmdir') ? { stdout: 'removed\n' } : {});
  const missing: ImageStandings = { ...standings, envoy: { kind: 'missing', source: { reference: 'envoy:1' } } };

  it.each([
    ['no image came', standings, '.', 'created-removed'],
    [
      'images came',
      missing,
      ', except images that had come already, which the next try need not bring again.',
      'created-removed-but-images',
    ],
  ] as const)('says what is left where %s', async (_, images, words, code) => {
    const { said, undone, notes } = await undo(emptyServer, images, gone);
    expect(said.message).toBe(`It does not answer. All that was created on tokyo was removed again${words}`);
    expect(undone).toEqual(['files', 'services']);
    expect(notes).toContainEqual({ code, values: { host: 'tokyo' } });
  });

  it('drops the cache that came with it, and keeps one that was there, the list of images and the pins', async () => {
    const kept: Observed = {
      ...emptyServer,
      base: 'present',
      directories: {
        data: { mode: 0o755, uid: 10001, gid: 10001 },
        'data/blobs': { mode: 0o755, uid: 10001, gid: 10001 },
      },
    };
    const words = async (observed: Observed) =>
      (await undo(observed, standings, gone)).commands.map((argv) => argv.join(' ')).join('\n');
    expect(await words(emptyServer)).toContain(' drop');
    expect(await words(kept)).toContain(' keep');
    expect(await words(kept)).not.toContain(' drop');
    expect(await words(kept)).toContain('envoy/envoy.yaml');
  });
});
