import { describe, expect, it } from 'vitest';
import { nodeLayout } from '../../../main/fleet/node-layout.ts';
import type { Command, CommandResult, Host } from '../../../main/hosts/host.ts';
import { localHost } from '../../../main/hosts/local-host.ts';
import { silentLog } from '../../../main/log/log.ts';
import { planNode } from '../../../main/provision/plan-node.ts';
import { undoApply } from '../../../main/provision/undo-apply.ts';
import { Tasks } from '../../../main/tasks/tasks.ts';
import { problemOf } from '../../../preload/contract/problem.ts';
import { desired, emptyServer, spec, standings } from './node-fixture.ts';

const cause = { code: 'mirror-down', message: 'It does not answer.', hint: 'Look at its log.', retryable: false };
const fine: CommandResult = { code: 0, stdout: '', stderr: '' };

/** A server on which a command fails. */
function failing(answer: (command: Command) => CommandResult): Host {
  const local = localHost('tokyo');
  return { ...local, name: 'tokyo', roundTrips: 0, run: async (command) => answer(command), close: async () => {} };
}

async function undo(answer: (command: Command) => CommandResult) {
  const observed = emptyServer;
  const plan = planNode({ spec, desired, standings, observed, installEngine: false });
  let said = problemOf(undefined);
  await new Tasks(() => {}).run({ kind: 'node-apply', subject: 'tokyo', title: 'apply' }, async (job) => {
    const request = { host: failing(answer), spec, layout: nodeLayout(spec), plan, observed, log: silentLog };
    said = (await undoApply(job, request, cause)).problem;
  });
  return said;
}
const text = (command: Command): string => command.argv.join(' ');

describe('the undo of an apply on a new server', () => {
  it('says that all is gone when it is, the list of brought images aside', async () => {
    const { message: said } = await undo((command) =>
      text(command).includes('rmdir') ? { ...fine, stdout: 'left\t./.brought\nremoved\n' } : fine,
    );
    expect(said).toContain('All that was created on tokyo was removed again');
  });

  it('does not say so when the containers could not be removed', async () => {
    const { message: said, detail } = await undo((command) =>
      text(command).includes('docker rm') ? { code: 1, stdout: '', stderr: 'device busy' } : fine,
    );
    expect(said).toContain('Taking the change back failed too');
    expect(said).toContain('The containers of tokyo could not be removed');
    expect(detail?.['undo']).toContain('device busy');
  });

  it('does not say so when a folder is left', async () => {
    const { message: said } = await undo((command) =>
      text(command).includes('rmdir') ? { ...fine, stdout: 'left\t./data\nremoved\n' } : fine,
    );
    expect(said).toContain('Taking the change back failed too');
    expect(said).toContain('(data is left)');
  });
});
