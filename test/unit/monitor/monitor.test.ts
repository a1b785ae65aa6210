import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProblemError } from '../../../preload/contract/problem.ts';
import type { NodeView } from '../../../preload/contract/status.ts';
import { catalogue } from '../../../main/fleet/upstreams.ts';
import { silentLog } from '../../../main/log/log.ts';
import type { Answer, Question } from '../../../main/monitor/ask.ts';
import { questionsAnHour, questionsAtOnce } from '../../../main/monitor/budget.ts';
import { Monitor } from '../../../main/monitor/monitor.ts';
import { Secret } from '../../../main/log/secret.ts';
import type { WatchedNode } from '../../../main/monitor/watched-node.ts';
import { History } from '../../../main/store/history.ts';
import { TurnedClock } from './turned-clock.ts';

let folder: string;
let history: History;
let clock: TurnedClock;
let nodes: WatchedNode[];
let published: { at: number; node: NodeView }[];
let asked: string[];
let monitor: Monitor;
let network: string;

const digest = `sha256:${'a'.repeat(64)}`;
const answer = (status: number): Answer => ({
  status,
  headers: { 'x-envoy-upstream-service-time': '1', 'docker-content-digest': digest },
  body: '',
  firstByteMs: 5,
  totalMs: 7,
});

/** A world in which `hangs.example` never answers, `refuses.example` refuses, and everything else is well. */
function ask({ url, signal, timeoutMs }: Question): Promise<Answer> {
  asked.push(url);
  const { hostname } = new URL(url);
  const late = (code: string) => new ProblemError({ code, message: 'No.', hint: 'h', retryable: true });
  if (hostname === 'refuses.example') return Promise.reject(late('connection-refused'));
  if (hostname !== 'hangs.example') return Promise.resolve(answer(200));
  return new Promise((_, reject) => {
    if (signal.aborted) reject(late('cancelled'));
    clock.after(timeoutMs, () => reject(late('timeout')));
    signal.addEventListener('abort', () => reject(late('cancelled')));
  });
}

const node = (name: string, applied = true): WatchedNode => ({
  spec: { name, address: `${name}.example`, port: 443, upstreams: ['docker.io', 'ghcr.io'] },
  applied,
  identity: () => Promise.resolve({}),
  metricsToken: () => Promise.resolve(new Secret('token')),
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'monitor-'));
  clock = new TurnedClock();
  history = new History(join(folder, 'history.db'), { now: () => clock.now() });
  [nodes, published, asked, network] = [[], [], [], 'home'];
  monitor = new Monitor({
    nodes: () => nodes,
    publish: (change) => {
      if (change.kind === 'node') published.push({ at: clock.now(), node: change.node });
    },
    history,
    log: silentLog,
    ask,
    readCertificateDays: () => Promise.resolve(29),
    clock,
    random: () => 0.5,
    networks: () => network,
  });
});
afterEach(async () => {
  await monitor.stop();
  history.close();
  rmSync(folder, { recursive: true, force: true });
});

const last = (name: string) => published.findLast((each) => each.node.name === name)?.node;

describe('the monitor', () => {
  it('lets a node that hangs delay no other', async () => {
    nodes = [node('hangs'), node('good')];
    monitor.start();
    await clock.turn(300);
    expect(last('good')?.state).toBe('up');
    expect(last('hangs')?.state).toBe('unknown');
    await clock.turn(10_000);
    expect(last('hangs')?.state).toBe('down');
    expect(last('hangs')?.mirrors[0]?.because).toEqual({ code: 'no-answer-in-time' });
  });

  it('publishes each node at most four times a second', async () => {
    nodes = [node('good'), node('refuses')];
    monitor.start();
    await clock.turn(60_000);
    for (const { node: each } of published) {
      const times = published.filter((other) => other.node.name === each.name).map((other) => other.at);
      for (const [index, at] of times.entries())
        expect(times[index + 4] ?? Infinity).toBeGreaterThanOrEqual(at + 1_000);
    }
    expect(last('refuses')?.mirrors[0]?.because).toEqual({ code: 'connection-refused' });
  });

  it('greets an edge over two connections a round, however many mirrors it serves', async () => {
    const good = node('good');
    nodes = [
      { ...good, spec: { ...good.spec, upstreams: [...catalogue.map(({ id }) => id), 'a.example', 'b.example'] } },
    ];
    monitor.start();
    await clock.turn(60_000);
    const before = asked.length;
    await clock.turn(600_000);
    const rounds = 600 / 30;
    expect(greetings('good', before)).toBeLessThanOrEqual(2 * (rounds + 1));
    expect(greetings('good', before)).toBeGreaterThanOrEqual(2 * (rounds - 1));
  });

  it('shows a node that was only added as unknown and asks it nothing', async () => {
    nodes = [node('new', false)];
    monitor.start();
    await clock.turn(60_000);
    expect(last('new')).toMatchObject({ state: 'unknown', applied: false });
    expect(asked).toEqual([]);
  });

  it('follows the list of nodes: a new one is asked, one that is gone is never published again', async () => {
    nodes = [node('good')];
    monitor.start();
    await clock.turn(300);
    nodes = [node('other')];
    monitor.sync();
    const before = published.length;
    await clock.turn(120_000);
    expect(published.slice(before).every((each) => each.node.name === 'other')).toBe(true);
    expect(last('other')?.state).toBe('up');
  });

  it('asks an upstream directly once, however many nodes mirror it', async () => {
    nodes = [node('good'), node('other')];
    monitor.start();
    await clock.turn(1_000);
    expect(asked.filter((url) => url.startsWith('https://registry-1.docker.io/'))).toHaveLength(1);
    expect(last('other')?.mirrors[0]?.direct?.manifestMs).toBe(7);
  });

  it('keeps every measurement, and stops without leaving a timer', async () => {
    nodes = [node('good')];
    monitor.start();
    await clock.turn(1_000);
    await monitor.stop();
    const range = { from: 0, to: clock.now() + 1 };
    expect([...history.samples({ node: 'good', upstream: 'docker.io', kind: 'uncached', ...range })]).toHaveLength(1);
    expect([...history.samples({ node: '', upstream: 'docker.io', kind: 'direct', ...range })]).toHaveLength(1);
    expect(clock.next()).toBeUndefined();
  });

  it('stops at once while a machine is being reached, however often it was started', async () => {
    nodes = [{ ...node('good'), host: () => new Promise(() => {}) }];
    monitor.start();
    monitor.start();
    await clock.turn(100);
    await monitor.stop();
    await clock.turn(20_000);
    expect(clock.next()).toBeUndefined();
  });

  /** Rounds of a node since so many requests: each begins with one greeting. */
  const greetings = (name: string, since: number) =>
    asked.slice(since).filter((url) => url === `https://${name}.example:443/v2/`).length;

  it.each([
    ['this computer slept', () => clock.sleep(8 * 3_600_000)],
    ['the clock was set back', () => clock.sleep(-8 * 3_600_000)],
    ['this computer came into another network', () => (network = 'café')],
  ])('asks every node once and soon when %s, and shows what is true then', async (_, happens) => {
    nodes = [node('good'), node('refuses'), node('other')];
    monitor.start();
    // Long enough for the node that refuses to be asked only every five minutes.
    await clock.turn(1_800_000);
    happens();
    const [before, shown] = [asked.length, published.length];
    await clock.turn(7_000);
    for (const name of ['good', 'other']) expect([name, greetings(name, before)]).toEqual([name, 2]);
    expect(greetings('refuses', before)).toBeGreaterThan(0);
    for (const name of ['good', 'refuses']) {
      const { seenAt = 0 } = last(name) ?? {};
      expect([name, clock.now() - seenAt < 7_000, seenAt <= clock.now()]).toEqual([name, true, true]);
    }
    expect(last('refuses')).toMatchObject({ state: 'down' });
    expect(published.length).toBeGreaterThan(shown);
    const after = asked.length;
    await clock.turn(20_000);
    expect(greetings('good', after)).toBe(0);
    await clock.turn(40_000);
    expect(greetings('good', after)).toBeGreaterThan(0);
  });

  it('shows as unknown, with its age, what was measured before a sleep, until it is asked again', async () => {
    nodes = [node('hangs'), node('good')];
    monitor.start();
    await clock.turn(60_000);
    clock.sleep(120_000);
    monitor.sync();
    await clock.turn(300);
    expect(last('good')?.mirrors[0]).toMatchObject({ state: 'unknown', because: { code: 'last-asked' } });
    await clock.turn(7_000);
    expect(last('good')?.state).toBe('up');
  });

  /** Questions of each place for one upstream: what goes straight to it, past the mirror, or makes the mirror ask it. */
  const questions = (name: string, upstream: string) => ({
    direct: asked.filter((url) => url.startsWith('https://registry-1.docker.io/')).length,
    node: asked.filter(
      (url) =>
        url.startsWith(`https://${name}.example:443/.mirrorfleet/upstream/${upstream}/`) ||
        (url.startsWith(`https://${name}.example:443/v2/${upstream}/`) && !url.includes('sha256:')),
    ).length,
  });

  it('asks an upstream some 60 times an hour from one node and 30 times from this computer', async () => {
    nodes = [node('good'), node('other')];
    monitor.start();
    await clock.turn(3_600_000);
    const { direct, node: fromNode } = questions('good', 'docker.io');
    expect(direct).toBeGreaterThan(25);
    expect(direct).toBeLessThanOrEqual(35);
    expect(fromNode).toBeGreaterThan(25);
    expect(fromNode).toBeLessThanOrEqual(70);
  });

  it('stays within the budget of an upstream however often a person looks', async () => {
    nodes = [node('good')];
    monitor.setPace({ intervalMs: 5_000, upstreamIntervalMs: 60_000 });
    monitor.start();
    for (let second = 0; second < 3_600; second += 5) {
      await monitor.refresh();
      await clock.turn(5_000);
    }
    const { direct, node: fromNode } = questions('good', 'docker.io');
    for (const count of [direct, fromNode]) {
      expect(count).toBeGreaterThan(questionsAnHour);
      expect(count).toBeLessThanOrEqual(questionsAnHour + questionsAtOnce);
    }
    expect(clock.now() - (last('good')?.mirrors[0]?.atUpstream?.at ?? 0)).toBeLessThanOrEqual(60_000);
  });

  it('has published the results when refresh answers', async () => {
    nodes = [node('good'), node('refuses')];
    monitor.start();
    await monitor.refresh();
    expect([last('good')?.state, last('refuses')?.state]).toEqual(['up', 'down']);
  });
});
