import { afterEach, describe, expect, it, vi } from 'vitest';
import { Batch } from '../../../main/monitor/batch.ts';
import { type RoundOutcome, Schedule, backedOff, isDue, systemClock } from '../../../main/monitor/schedule.ts';
import { TurnedClock } from './turned-clock.ts';

function scheduleOf(clock: TurnedClock, round: (name: string, signal: AbortSignal) => Promise<RoundOutcome>) {
  const errors: string[] = [];
  const schedule = new Schedule({
    clock,
    random: () => 0.5,
    intervalMs: 1_000,
    round,
    onError: (name, error) => errors.push(`${name}: ${String(error)}`),
  });
  return { schedule, errors };
}

describe('the delay between rounds', () => {
  it.each([
    [30_000, 0, 30_000],
    [30_000, 1, 30_000],
    [30_000, 2, 60_000],
    [30_000, 3, 120_000],
    [30_000, 9, 300_000],
    [600_000, 9, 600_000],
    [1, 17, 65_536],
    [1, 10_000, 65_536],
  ])('of %i ms after %i failures is %i ms', (interval, failures, expected) => {
    expect(backedOff(interval, failures)).toBe(expected);
  });
});

describe('what is due at 100, every 30', () => {
  it.each([
    [99, false],
    [100, true],
    [101, true],
    [70, false],
    [69, true],
  ])('is at %i: %s', (now, expected) => {
    expect(isDue(now, 100, 30)).toBe(expected);
  });
});

describe('the computer’s own clock', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('calls back once when the time has passed, and not where that was prevented', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const rung: string[] = [];
    systemClock.after(100, () => rung.push('a'));
    systemClock.after(50, () => rung.push('b'))();
    vi.advanceTimersByTime(99);
    expect(rung).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(rung).toEqual(['a']);
  });

  it('keeps no process alive', () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const prevent = systemClock.after(60_000, () => {});
    expect(timers()).toBe(before);
    prevent();
  });
});

describe('the schedule', () => {
  it('begins every name at once and repeats it', async () => {
    const clock = new TurnedClock();
    const rounds: string[] = [];
    const { schedule } = scheduleOf(clock, (name) => {
      rounds.push(`${name}@${clock.now()}`);
      return Promise.resolve('ok');
    });
    schedule.keep(['a', 'b']);
    await clock.turn(2_000);
    expect(rounds).toEqual(['a@0', 'b@0', 'a@1000', 'b@1000', 'a@2000', 'b@2000']);
    await schedule.stop();
  });

  it('takes another pace over at once, counted from then', async () => {
    const clock = new TurnedClock();
    const at: number[] = [];
    const { schedule } = scheduleOf(clock, () => {
      at.push(clock.now());
      return Promise.resolve('ok');
    });
    schedule.keep(['a']);
    await clock.turn(1_500);
    schedule.setInterval(200);
    await clock.turn(400);
    schedule.setInterval(5_000);
    await clock.turn(5_000);
    expect(at).toEqual([0, 1_000, 1_700, 1_900, 6_900]);
    await schedule.stop();
  });

  it('lets a name that hangs delay no other', async () => {
    const clock = new TurnedClock();
    let rounds = 0;
    const { schedule } = scheduleOf(clock, (name, signal) => {
      if (name === 'good') {
        rounds += 1;
        return Promise.resolve('ok');
      }
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve('failed')));
    });
    schedule.keep(['hangs', 'good']);
    await clock.turn(5_000);
    expect(rounds).toBe(6);
    await schedule.stop();
  });

  it('asks what fails more and more rarely, and at its usual pace when it is well again', async () => {
    const clock = new TurnedClock();
    const at: number[] = [];
    let well = false;
    const { schedule, errors } = scheduleOf(clock, () => {
      at.push(clock.now());
      return well ? Promise.resolve('ok') : Promise.reject(new Error('bug'));
    });
    schedule.keep(['a']);
    await clock.turn(7_000);
    expect(at).toEqual([0, 1_000, 3_000, 7_000]);
    expect(schedule.delayOf('a')).toBe(8_000);
    expect(errors).toHaveLength(4);
    well = true;
    await clock.turn(9_000);
    expect(at.slice(4)).toEqual([15_000, 16_000]);
    await schedule.stop();
  });

  it('spreads rounds by a tenth of their delay', async () => {
    for (const [random, expected] of [
      [0, 900],
      [0.999_999, 1_100],
    ] as const) {
      const clock = new TurnedClock();
      const schedule = new Schedule({
        clock,
        random: () => random,
        intervalMs: 1_000,
        round: () => Promise.resolve('ok'),
        onError: () => {},
      });
      schedule.keep(['a']);
      await clock.turn(0);
      expect(Math.round(clock.next() ?? 0)).toBe(expected);
      await schedule.stop();
    }
  });

  it('runs a round at once when it is told to, and joins one that runs', async () => {
    const clock = new TurnedClock();
    let rounds = 0;
    const { schedule } = scheduleOf(clock, () => {
      rounds += 1;
      return Promise.resolve('ok');
    });
    schedule.keep(['a']);
    await Promise.all([schedule.runNow('a'), schedule.runNow('a')]);
    expect(rounds).toBe(1);
    await schedule.runNow('a');
    expect(rounds).toBe(2);
    await schedule.runNow('nobody');
    await clock.turn(999);
    expect(rounds).toBe(2);
    await schedule.stop();
  });

  it('wakes every name soon and once, a running one after its round, and forgets what failed', async () => {
    const clock = new TurnedClock();
    const rounds: string[] = [];
    let end = (): void => {};
    const { schedule } = scheduleOf(clock, (name) => {
      rounds.push(`${name}@${clock.now()}`);
      if (name === 'fails') return Promise.resolve('failed');
      if (name === 'runs' && clock.now() === 0) return new Promise((resolve) => (end = () => resolve('failed')));
      return Promise.resolve('ok');
    });
    schedule.keep(['fails', 'runs']);
    await clock.turn(7_000);
    expect(schedule.delayOf('fails')).toBe(8_000);
    rounds.length = 0;
    schedule.wake(200);
    schedule.wake(200);
    await clock.turn(100);
    expect(rounds).toEqual(['fails@7100']);
    expect(schedule.delayOf('fails')).toBe(1_000);
    end();
    await clock.turn(100);
    expect(rounds).toEqual(['fails@7100', 'runs@7200']);
    await schedule.stop();
  });

  it('has one round after a wake, however close the wakes follow one another, and then its usual pace', async () => {
    const clock = new TurnedClock();
    const at: number[] = [];
    let end = (): void => {};
    const { schedule } = scheduleOf(clock, () => {
      at.push(clock.now());
      return clock.now() === 0 ? new Promise((resolve) => (end = () => resolve('ok'))) : Promise.resolve('ok');
    });
    schedule.keep(['a']);
    await clock.turn(500);
    schedule.wake(200);
    end();
    await clock.turn(3_000);
    expect(at).toEqual([0, 600, 1_600, 2_600]);
    expect(clock.waiting).toBe(1);
    await schedule.stop();
  });

  it('counts the next round from the one that a wake or a person brought forward', async () => {
    for (const forward of ['wake', 'runNow'] as const) {
      const clock = new TurnedClock();
      const at: number[] = [];
      const { schedule } = scheduleOf(clock, () => {
        at.push(clock.now());
        return Promise.resolve('ok');
      });
      schedule.keep(['a']);
      await clock.turn(500);
      if (forward === 'wake') schedule.wake(0);
      else await schedule.runNow('a');
      await clock.turn(2_000);
      expect([forward, at]).toEqual([forward, [0, 500, 1_500, 2_500]]);
      await schedule.stop();
    }
  });

  it('does not shorten a round that runs when the pace changes', async () => {
    const clock = new TurnedClock();
    const at: number[] = [];
    let end = (): void => {};
    const { schedule } = scheduleOf(clock, () => {
      at.push(clock.now());
      return clock.now() === 0 ? new Promise((resolve) => (end = () => resolve('ok'))) : Promise.resolve('ok');
    });
    schedule.keep(['a']);
    await clock.turn(500);
    schedule.setInterval(200);
    expect([clock.waiting, schedule.delayOf('a'), schedule.delayOf('nobody')]).toEqual([0, 200, 200]);
    end();
    await clock.turn(200);
    expect(at).toEqual([0, 700]);
    await schedule.stop();
  });

  it('tells of no error of a round that it broke off itself, and answers a stop when the last one let go', async () => {
    const clock = new TurnedClock();
    const letGo: string[] = [];
    const { schedule, errors } = scheduleOf(
      clock,
      (name, signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () =>
            setImmediate(() => {
              letGo.push(name);
              reject(new Error('broken off'));
            }),
          ),
        ),
    );
    schedule.keep(['a', 'b']);
    await clock.turn(100);
    await schedule.stop();
    expect([letGo, errors, clock.next()]).toEqual([['a', 'b'], [], undefined]);
  });

  it('keeps what it has when the same names are kept, and begins only new ones', async () => {
    const clock = new TurnedClock();
    const rounds: string[] = [];
    const { schedule } = scheduleOf(clock, (name) => {
      rounds.push(`${name}@${clock.now()}`);
      return Promise.resolve('ok');
    });
    schedule.keep(['a']);
    await clock.turn(500);
    schedule.keep(['a', 'b']);
    await clock.turn(500);
    expect(rounds).toEqual(['a@0', 'b@500', 'a@1000']);
    schedule.keep(['b']);
    await clock.turn(1_000);
    expect(rounds.slice(3)).toEqual(['b@1500']);
    expect(clock.waiting).toBe(1);
    await schedule.stop();
  });

  it('aborts what is gone and never runs it again', async () => {
    const clock = new TurnedClock();
    let aborted = 0;
    let rounds = 0;
    const { schedule } = scheduleOf(clock, (_, signal) => {
      rounds += 1;
      return new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          aborted += 1;
          resolve('failed');
        }),
      );
    });
    schedule.keep(['a']);
    schedule.keep([]);
    await clock.turn(10_000);
    expect([rounds, aborted, clock.next()]).toEqual([1, 1, undefined]);
  });
});

describe('a batch', () => {
  it('hands on the first value at once and later ones at most four times a second, newest only', async () => {
    const clock = new TurnedClock();
    const seen: string[] = [];
    const batch = new Batch<string>(clock, (values) => seen.push(`${clock.now()}: ${values.join(' ')}`));
    batch.put('a', 'a1');
    for (const value of ['a2', 'a3']) batch.put('a', value);
    batch.put('b', 'b1');
    batch.put('c', 'c1');
    batch.drop('c');
    await clock.turn(250);
    batch.put('a', 'a4');
    batch.flush();
    await clock.turn(1_000);
    batch.put('a', 'a5');
    expect(seen).toEqual(['0: a1', '250: a3 b1', '250: a4', '1250: a5']);
  });

  it('is not held up by a clock that was set back', async () => {
    const clock = new TurnedClock();
    const seen: string[] = [];
    const batch = new Batch<string>(clock, (values) => seen.push(...values));
    await clock.turn(3_600_000);
    batch.put('a', 'a1');
    clock.sleep(-3_000_000);
    batch.put('a', 'a2');
    await clock.turn(250);
    expect(seen).toEqual(['a1', 'a2']);
  });
});
