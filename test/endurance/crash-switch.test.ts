import { afterAll, beforeAll, describe, test } from 'vitest';
import { chanceOf } from '../pages/world/chance.ts';
import { crashEngines } from './crash-engine.ts';
import { CrashStage, type Death, type Place } from './crash-stage.ts';
import { amount, full, seed } from './length.ts';
import type { Victim } from './mortal-order.ts';

const chance = chanceOf(`crash-switch ${seed}`);
const oneOf = <T>(list: readonly [T, ...T[]]): T => list[Math.floor(chance() * list.length)] ?? list[0];
/** Who dies: the helper that is root, everything of ours at once as in a power cut, or the core. */
const victims: readonly [readonly Victim[], ...(readonly Victim[])[]] = [['helper'], ['core', 'helper'], ['core']];
const places = ['tokyo', 'direct'] as const;

/** All of them at full length; in short a few, drawn by chance from equal parts. */
function some<T>(all: readonly T[], few: number): T[] {
  if (full || all.length <= few) return [...all];
  const part = all.length / few;
  return Array.from({ length: few }, (_, at) => all[Math.floor((at + chance()) * part)]).filter(
    (each) => each !== undefined,
  );
}

describe.each(crashEngines)('a switch of $id that is killed', (engine) => {
  let stage: CrashStage;
  beforeAll(async () => {
    stage = await CrashStage.open(engine);
    const counted = [...stage.points].map(
      ([to, { helper, core }]) => `${helper.length} + ${core.length} steps to ${to}`,
    );
    console.log(`${engine.id}: seed ${seed}, ${counted.join(', ')} (helper + core), ${stage.longest} ms at most`);
  });
  afterAll(async () => {
    const times = stage.recoveries.toSorted((a, b) => a - b);
    const half = times[Math.floor(times.length / 2)] ?? 0;
    console.log(`${engine.id}: ${times.length} deaths, recovery ${half} ms, at worst ${times.at(-1) ?? 0} ms`);
    await stage.close();
  });

  /** Dies on the way to a place, beginning at the other one, and comes to a good end by one switch: on, or back. */
  async function dieAndRecover(to: Place, how: string, die: () => Promise<unknown>): Promise<void> {
    const from = to === 'tokyo' ? 'direct' : 'tokyo';
    if (stage.at !== from) await stage.must(from);
    await die();
    await stage.recover(to, oneOf(places), how);
  }

  test('at any step leaves old or new, says so, and one switch ends it', async () => {
    const cases = places.flatMap((to) => {
      const { helper, core } = stage.points.get(to) ?? { helper: [], core: [] };
      const byHelper = helper.map((name, at): [Place, string, Death] => {
        const dying = victims[(at + Number(seed)) % victims.length] ?? victims[0];
        return [to, `${dying.join(' and ')} killed at ${at + 1}: ${name}`, { victims: dying, helperPoint: at + 1 }];
      });
      const byCore = core.map((name, at): [Place, string, Death] => [
        to,
        `core killed at its ${at + 1}: ${name}`,
        { victims: [], corePoint: at + 1 },
      ]);
      return [...some(byHelper, 2), ...some(byCore, 1)];
    });
    for (const [to, how, death] of cases) await dieAndRecover(to, how, () => stage.switchAndDie(to, death));
  });

  test('at random times leaves old or new, says so, and one switch ends it', async () => {
    for (let turn = 0; turn < amount(1, 25); turn++) {
      const to = stage.at === 'direct' ? 'tokyo' : 'direct';
      const dying = engine.password === undefined ? (['core'] as const) : oneOf(victims);
      const ms = Math.round(chance() * stage.longest);
      const how = `${dying.join(' and ')} killed after ${ms} ms`;
      await dieAndRecover(to, how, () => stage.switchAndKillAfter(to, dying, ms));
    }
  });

  if (engine.startAgain === undefined) return;
  test('together with the engine, while that takes its files over', async () => {
    const cases = places.flatMap((to) =>
      (stage.points.get(to)?.helper ?? []).flatMap((name, at): [Place, string, Death][] =>
        /reload|restart/.test(name)
          ? [[to, `engine killed at ${name}`, { victims: ['engine'], helperPoint: at + 1 }]]
          : [],
      ),
    );
    for (const [to, how, death] of some(cases, 1)) await dieAndRecover(to, how, () => stage.switchAndDie(to, death));
  });
});
