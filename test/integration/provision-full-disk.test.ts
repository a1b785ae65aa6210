import { afterAll, beforeAll, expect, it } from 'vitest';
import { attachLab } from '../lab/lab.ts';
import { Stage } from './provision-stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open(await attachLab(), 'small');
});
afterAll(async () => {
  await stage.machine.exec(['rm', '-f', '/opt/gap', '/opt/filler', '/opt/filler2']);
  await stage.remove();
  await stage.host.close();
});

/** Leaves so many kB free (fewer where something else writes in that moment) where the node's folder is, by writing until there is no room. */
async function leaveFree(kilobytes: number): Promise<void> {
  const gap = `dd if=/dev/zero of=/opt/gap bs=1k count=${kilobytes}`;
  const fill = 'dd if=/dev/zero of=/opt/filler bs=64k; dd if=/dev/zero of=/opt/filler2 bs=1';
  const free = await stage.machine.mustExec([
    'sh',
    '-c',
    `{ ${gap}; ${fill}; rm /opt/gap; } 2>/dev/null; df -k --output=avail /opt`,
  ]);
  expect(Number(free.trim().split('\n').at(-1))).toBeLessThanOrEqual(kilobytes);
}

it('a change for which there is no room leaves the node as it was, whether nothing or some of it could be written', async () => {
  const two = stage.spec;
  // What the change before has kept must not come back in place of what there was.
  for (const upstreams of [two.upstreams, ['docker.io', 'ghcr.io', 'quay.io'], two.upstreams]) {
    stage.spec = { ...two, upstreams };
    expect((await stage.apply()).problem).toBeUndefined();
  }
  const containers = await stage.docker('ps', '-aq', '--no-trunc');
  const taken: string[] = [];
  // Each try leaves folders that the next uses, so the room ends a little later each time.
  for (const kilobytes of [12, 16, 20, 24, 28]) {
    await leaveFree(kilobytes);
    stage.spec = { ...two, upstreams: ['docker.io', 'ghcr.io', 'gcr.io'] };
    const { problem } = await stage.apply();
    await stage.machine.mustExec(['rm', '/opt/filler', '/opt/filler2']);
    // With a little more room the files fit, and what Compose starts does not.
    expect(problem?.code, problem?.message).toMatch(/^(disk-full|compose-failed)$/);
    expect(problem?.message).not.toContain('half changed');
    if (problem?.message.includes('The previous files and containers of small are back.') === true)
      taken.push(problem.message);
    stage.spec = two;
    expect(await stage.lines()).toEqual([]);
    expect(await stage.docker('ps', '-aq', '--no-trunc')).toEqual(containers);
  }
  expect(taken).not.toEqual([]);
});
