import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { expect } from 'vitest';
import { switchAddress } from '../lab/catalogue.ts';
import { attachLab, type Machine } from '../lab/lab.ts';
import { type RuntimeStage, setRuntimeStage } from '../integration/runtimes-stage.ts';
import type { CrashEngine } from './crash-engine.ts';
import { filesIn, mixedUp, type Picture, pictureOf } from './laptop-picture.ts';
import { orderFile, pointsFile, type Victim } from './mortal-order.ts';

const mortalHelper = resolve(import.meta.dirname, 'mortal-helper.ts');

/** Where an engine is switched to. */
export type Place = 'direct' | 'tokyo';
/** Who dies at which of its points of the way: those are counted from 1, each process by itself. */
export interface Death {
  readonly victims: readonly Victim[];
  readonly helperPoint?: number;
  readonly corePoint?: number;
}
/** What a switch comes by that nothing disturbs: every change of the disk by the helper and by the core. */
export interface Points {
  readonly helper: readonly string[];
  readonly core: readonly string[];
}
const corePointsFile = '/tmp/mirrorfleet-core.points';

/** An engine that is switched, killed in the middle, looked at and brought to a good end, again and again. */
export class CrashStage {
  readonly engine: CrashEngine;
  /** Milliseconds that each recovery took, the start of a core included. */
  readonly recoveries: number[] = [];
  readonly points = new Map<Place, Points>();
  /** Milliseconds of the longest switch that nothing disturbed. */
  longest = 0;
  readonly #stage: RuntimeStage;
  readonly #alpha: Machine;
  readonly #pictures = new Map<Place, Picture>();
  readonly #startable = new Set<string>();
  #at: Place = 'direct';

  private constructor(engine: CrashEngine, stage: RuntimeStage, alpha: Machine) {
    this.engine = engine;
    this.#stage = stage;
    this.#alpha = alpha;
  }

  static async open(engine: CrashEngine): Promise<CrashStage> {
    const lab = await attachLab();
    const alpha = await lab.machine('alpha');
    // The mirror passes every pull on; a hundred deaths are more than Docker Hub grants.
    await lab.internet.gate.setQuota(switchAddress, 100_000);
    const stage = new CrashStage(engine, await setRuntimeStage(engine.id, engine.password), alpha);
    await stage.#shell(engine.lay);
    stage.#pictures.set('direct', await stage.look());
    for (const place of ['tokyo', 'direct'] as const) {
      const began = Date.now();
      stage.points.set(place, await stage.switchAndDie(place, { victims: [] }));
      stage.longest = Math.max(stage.longest, Date.now() - began);
      if (place === 'tokyo') stage.#pictures.set(place, await stage.look());
      stage.#at = place;
    }
    await stage.expectAt('direct', 'there and back');
    return stage;
  }

  async close(): Promise<void> {
    await this.must('direct');
    await this.#stage.close();
  }

  get laptop(): Machine {
    return this.#stage.laptop;
  }

  get at(): Place {
    return this.#at;
  }

  look(): Promise<Picture> {
    return pictureOf(this.laptop, this.engine, this.#stage.records);
  }

  /** What the files are at a place, as a switch that nothing disturbed leaves them. */
  picture(place: Place): Picture {
    const picture = this.#pictures.get(place);
    if (picture === undefined) throw new Error(`no picture of ${place}`);
    return picture;
  }

  /** A switch that nothing disturbs. */
  async must(place: Place): Promise<void> {
    const { task } = await this.#drive(place, {});
    expect(task, `to ${place}`).toMatchObject({ state: 'done' });
    this.#at = place;
  }

  /** Switches with a core and a helper that come by their points and kill; those points. */
  async switchAndDie(place: Place, { victims, helperPoint = 0, corePoint = 0 }: Death): Promise<Points> {
    const order = { at: helperPoint, victims, enginePidFile: this.engine.pidFile };
    await this.laptop.writeFile(orderFile, JSON.stringify(order));
    await this.#shell(`rm -f ${pointsFile} ${corePointsFile}`);
    const manager = victims.includes('engine') ? this.#manageService() : undefined;
    await this.#drive(place, { helper: mortalHelper, dieAtChange: { point: corePoint, file: corePointsFile } });
    await this.#helperEnded();
    await manager;
    const read = async (file: string): Promise<string[]> =>
      (await this.#shell(`cat ${file} 2>/dev/null || true`)).split('\n').filter(Boolean);
    return { helper: await read(pointsFile), core: await read(corePointsFile) };
  }

  /** Switches and kills after so many milliseconds, wherever that is. */
  async switchAndKillAfter(place: Place, victims: readonly Victim[], ms: number): Promise<void> {
    const names = { core: 'runtimes-[d]river', helper: 'privileged-[h]elper', engine: '' };
    const ids = victims.map((each) => `$(pgrep -f ${names[each]})`).join(' ');
    await Promise.all([
      // A process that is gone already, or does not yet run, is no failure.
      this.#shell(`sleep ${(ms / 1000).toFixed(3)}; kill -KILL ${ids} 2>/dev/null || true`),
      this.#drive(place, { mayDie: true }),
    ]);
    await this.#helperEnded();
  }

  /** A helper whose core died alone ends its work first. */
  async #helperEnded(): Promise<void> {
    await this.#shell("while pgrep -f '(privileged|mortal)-[h]elper' >/dev/null; do sleep 0.05; done");
  }

  /** Starts the engine again a second after it died, as systemd does. */
  async #manageService(): Promise<void> {
    const { pidFile, startAgain } = this.engine;
    await this.#shell(
      `pid=$(cat ${pidFile}); while kill -0 $pid 2>/dev/null; do sleep 0.02; done; sleep 1; ${startAgain}`,
    );
  }

  /** After a death on the way `from` … `to`: nothing is half, everything runs, and it is told. Then one switch brings a good end. */
  async recover(to: Place, end: Place, how: string): Promise<void> {
    const from = to === 'tokyo' ? 'direct' : 'tokyo';
    const what = `${this.engine.id} from ${from} to ${to}, ${how}`;
    const [before, after] = [this.picture(from), this.picture(to)];
    const now = await this.look();
    expect(mixedUp(now, before, after, this.engine), what).toEqual([]);
    await this.#expectStartable(now);
    expect(now.alive, what).toBe(before.alive);
    const began = Date.now();
    const { view, task } = await this.#drive(end, { look: true });
    this.recoveries.push(Date.now() - began);
    if (this.recoveries.length % 10 === 0) console.log(`${this.engine.id}: ${this.recoveries.length} deaths so far`);
    const told = view?.problem?.code === 'switch-interrupted' ? 'interrupted' : view?.route?.join();
    const wholeAt = ([from, to] as const).filter((place) => filesIn(now) === filesIn(this.picture(place)));
    const routes = wholeAt.map((place) => (place === 'direct' ? this.engine.directRoute : place));
    const truth = ['interrupted', ...routes];
    expect(truth, `${what}: ${JSON.stringify(view)}`).toContain(told);
    expect(task?.problem, what).toBeUndefined();
    this.#at = end;
    await this.expectAt(end, `${what}, recovered to ${end}`);
  }

  /** Exactly as a switch that nothing disturbed leaves it, and nothing of ours beside. */
  async expectAt(place: Place, what: string): Promise<void> {
    const [now, wanted] = [await this.look(), this.picture(place)];
    expect(filesIn(now), what).toBe(filesIn(wanted));
    expect({ alive: now.alive, live: now.live }, what).toEqual({ alive: wanted.alive, live: wanted.live });
    expect(
      now.backups.filter((path) => place === 'direct' || path.endsWith('.new')),
      what,
    ).toEqual([]);
    expect(
      now.records.filter((path) => place === 'direct' || path.endsWith('.new')),
      what,
    ).toEqual([]);
  }

  async #expectStartable({ entries }: Picture): Promise<void> {
    const { check, folder } = this.engine;
    if (check === undefined) return;
    const bytes = entries.get(check.file.replace(folder, '.'))?.bytes ?? '';
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (this.#startable.has(hash)) return;
    const file = `/tmp/check-${hash}`;
    const machine = check.on === 'alpha' ? this.#alpha : this.laptop;
    await machine.writeFile(file, Buffer.from(bytes, 'base64'));
    await machine.mustExec(['sh', '-ec', check.command, 'check', file]);
    await machine.mustExec(['rm', file]);
    this.#startable.add(hash);
  }

  #shell(script: string): Promise<string> {
    return this.laptop.mustExec(['sh', '-ec', script], { timeoutMs: 60_000 });
  }

  #drive(place: Place, more: Parameters<RuntimeStage['drive']>[2]): ReturnType<RuntimeStage['drive']> {
    return this.#stage.drive('switch', place === 'direct' ? [] : [this.#stage.tokyo], more);
  }
}
