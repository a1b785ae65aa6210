import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { Budget, questionsAnHour, questionsAtOnce } from '../../../main/monitor/budget.ts';
import { Waking, networksOf } from '../../../main/monitor/waking.ts';
import { TurnedClock } from './turned-clock.ts';

const address = (text: string, internal = false): NetworkInterfaceInfo =>
  ({ address: text, internal, family: text.includes(':') ? 'IPv6' : 'IPv4' }) as NetworkInterfaceInfo;

describe('the networks of this computer', () => {
  const home = { lo: [address('127.0.0.1', true)], wlan0: [address('192.168.1.7'), address('fe80::1')] };

  it.each([
    ['containers come and go', { ...home, veth12: [address('172.17.0.9')], 'br-1f': [address('172.18.0.1')] }],
    ['a link has an address of its own', { ...home, wlan0: [address('fe80::2'), address('192.168.1.7')] }],
  ])('are the same when %s', (_, other) => {
    expect(networksOf(other)).toBe(networksOf(home));
  });

  it('are the same with another temporary address of one prefix, and not with another prefix', () => {
    const of = (text: string) => networksOf({ wlan0: [address(text)] });
    expect(of('2001:db8:1:2:aaaa::1')).toBe(of('2001:db8:1:2:bbbb::9'));
    expect(of('2001:db8:1:3::1')).not.toBe(of('2001:db8:1:2::1'));
  });

  it('are others at another place, and with a tunnel', () => {
    const [cafe, tunnel] = [{ wlan0: [address('10.0.0.7')] }, { ...home, tun0: [address('10.8.0.2')] }];
    expect(new Set([home, cafe, tunnel, {}].map(networksOf)).size).toBe(4);
  });
});

describe('waking', () => {
  it('is noticed once for each sleep, and not for a busy moment', async () => {
    const clock = new TurnedClock();
    let woken = 0;
    const waking = new Waking({ clock, networks: () => 'home', onWake: () => (woken += 1) });
    waking.start();
    clock.sleep(10_000);
    await clock.turn(60_000);
    expect(woken).toBe(0);
    clock.sleep(20_000);
    await clock.turn(60_000);
    expect(woken).toBe(1);
    waking.stop();
    clock.sleep(3_600_000);
    await clock.turn(60_000);
    expect([woken, clock.next()]).toEqual([1, undefined]);
  });
});

describe('the budget of an upstream', () => {
  it('lets a burst through, then only what an hour allows, for each place by itself', () => {
    let now = 0;
    const budget = new Budget(() => now);
    let taken = 0;
    for (; now < 3_600_000; now += 1_000) if (budget.take('tokyo docker.io')) taken += 1;
    expect(taken).toBeGreaterThanOrEqual(questionsAnHour + questionsAtOnce - 1);
    expect(taken).toBeLessThanOrEqual(questionsAnHour + questionsAtOnce);
    expect(budget.take('osaka docker.io')).toBe(true);
    now -= 3_600_000;
    expect(budget.take('tokyo docker.io')).toBe(false);
    now += 60_000;
    expect(budget.take('tokyo docker.io')).toBe(true);
  });
});
