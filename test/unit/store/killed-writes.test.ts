import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Journal } from '../../../main/activity/journal.ts';
import { SwitchRecords } from '../../../main/runtimes/switch-records.ts';
import { History } from '../../../main/store/history.ts';
import { NodeStore } from '../../../main/store/nodes.ts';
import { Vault } from '../../../main/store/vault.ts';
import { keyFile } from '../../../main/store/vault-key.ts';
import type { Problem } from '../../../preload/contract/problem.ts';
import { amount, seed } from '../../endurance/length.ts';
import { chanceOf } from '../../pages/world/chance.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'killed-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const writer = join(import.meta.dirname, 'endless-writer.ts');
const problems: Problem[] = [];
const onProblem = (problem: Problem): void => void problems.push(problem);

/** Starts a process that writes all files without end, and kills it so long after its first round. */
async function writeAndKill(afterMs: number): Promise<void> {
  const child = spawn(process.execPath, [writer, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), exited]);
  await pause(afterMs);
  child.kill('SIGKILL');
  expect(await exited).toEqual([null, 'SIGKILL']);
}

test('whenever a process that writes is killed, each file is whole and of one generation', {
  timeout: amount(60_000, 600_000),
}, async () => {
  const chance = chanceOf(seed);
  const until = amount(4, 200);
  for (let round = 0; round < until; round += 1) {
    const afterMs = Math.floor(chance() * 60);
    const which = `SEED=${seed}, round ${round}, killed after ${afterMs} ms`;
    await writeAndKill(afterMs);
    const fleet = new NodeStore(folder).list();
    expect(
      fleet.map(({ spec }) => spec.name),
      which,
    ).toEqual(['tokyo', 'osaka']);
    const route = new SwitchRecords(join(folder, 'switches.json')).read('docker')?.route ?? [];
    expect(new Set(route).size, which).toBeLessThan(2);

    const journal = new Journal(join(folder, 'activity.db'), { onProblem });
    expect(journal.page({}).entries.length, which).toBeGreaterThan(0);
    journal.close();
    const history = new History(join(folder, 'history.db'), { onProblem });
    const all = { node: 'tokyo', upstream: 'docker.io', kind: 'cached', from: 0, to: Number.MAX_SAFE_INTEGER } as const;
    expect([...history.samples(all)].length % 50, which).toBe(0);
    history.close();
    expect(problems, which).toEqual([]);

    for (const each of fs.readdirSync(folder).filter((name) => name.startsWith('vault-'))) {
      const place = join(folder, each);
      new Vault(place).open(keyFile(join(place, 'vault.key')));
      fs.rmSync(place, { recursive: true });
    }
  }
});

test('a process that is killed in the middle of a transaction has changed nothing by it', async () => {
  const child = spawn(process.execPath, [writer, folder, 'mid-transaction'], { stdio: 'inherit' });
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  expect(fs.existsSync(join(folder, 'activity.db-wal'))).toBe(true);
  const journal = new Journal(join(folder, 'activity.db'), { onProblem });
  expect(journal.page({}).entries.map(({ title }) => title)).toEqual(['Switch docker to tokyo']);
  journal.put({ ...(journal.page({}).entries[0] ?? expect.fail('no line')), id: 'a' });
  expect(journal.page({}).entries).toHaveLength(2);
  journal.close();
  expect(problems).toEqual([]);
});
