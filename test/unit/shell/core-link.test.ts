import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectLocalSocket } from '../../../main/endpoints/client.ts';
import { startUnderNode } from '../../../main/shell/core-child.ts';
import { type CoreLink, createCoreLink } from '../../../main/shell/core-link.ts';
import { closed, portPair } from '../port-pair.ts';
import { serveSmallCore } from './small-core.ts';

let folder: string;
let socket: string;
let program: string;
let link: CoreLink;
let log: string[];
let reached: number;
const ends: (() => void | Promise<void>)[] = [];

/** What the next own core is: the text of a program. */
const ownCore = (text: string): void => writeFileSync(program, text);
/** A core that says in its snapshot which process it is; `deaf`: it does not end when it is asked to. */
const serving = (deaf = false): string => `
  import { serveSmallCore } from ${JSON.stringify(join(import.meta.dirname, 'small-core.ts'))};
  const stop = await serveSmallCore(${JSON.stringify(socket)}, String(process.pid));
  process.on('message', () => ${deaf} || stop().then(() => process.exit()));
  process.on('disconnect', () => process.exit());
  process.send({ kind: 'serving' });
`;
const crashing = `console.error('Error: out of luck');\nprocess.exit(3);\n`;
const refusing = (code: string): string =>
  `process.send({ kind: 'failed', problem: { code: '${code}', message: 'No.', hint: 'Wait.', retryable: true } });\nprocess.on('message', () => process.exit(1));\n`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'link-'));
  socket = join(folder, 'core.sock');
  program = join(folder, 'core.mjs');
  log = [];
  reached = 0;
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  rmSync(folder, { recursive: true, force: true });
});

function linked(endMs = 30_000): CoreLink {
  link = createCoreLink({
    socket,
    coreLog: '/log/core.log',
    start: () => startUnderNode(process.execPath, program, join(folder, 'compiled')),
    log: (level, message, facts) => log.push(JSON.stringify({ level, message, ...facts })),
    patience: { startMs: 30_000, endMs },
  });
  link.onReached(() => (reached += 1));
  ends.push(() => link.close());
  return link;
}
const state = (): string => `${link.state().state} ${link.state().own ? 'own' : 'foreign'}`;
/** Generous: a core is a process of its own, and a busy computer starts those slowly. */
const within = { timeout: 20_000 };
const patient = { timeout: 60_000 };
const ownPid = (): number => Number(link.snapshot()?.who);
const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('where no core runs, one is started, and ends with its shell', patient, async () => {
  ownCore(serving());
  linked();
  expect(state()).toBe('starting foreign');
  await expect.poll(state, within).toBe('running own');
  expect(link.state().version).toBe('7.7.7');
  const pid = ownPid();
  await link.close();
  expect(alive(pid)).toBe(false);
  expect(log).toEqual([]);
});

test('a core that runs already is used, and left running', patient, async () => {
  ends.push(await serveSmallCore(socket, 'somebody'));
  linked();
  await expect.poll(state, within).toBe('running foreign');
  expect(await link.client()?.live.snapshot()).toMatchObject({ who: 'somebody' });
  await link.close();
  const other = await connectLocalSocket(socket);
  expect(other).toBeDefined();
  await other?.close();
});

test('a foreign core that ends is followed by an own one', patient, async () => {
  ownCore(serving());
  const stop = await serveSmallCore(socket, 'somebody');
  linked();
  await expect.poll(state, within).toBe('running foreign');
  await stop();
  await expect.poll(state, within).toBe('running own');
  expect(reached).toBe(2);
});

test(
  'a core that is killed is started again; the last snapshot stays meanwhile, and windows are told to take new lines',
  patient,
  async () => {
    ownCore(serving());
    linked();
    await expect.poll(state, within).toBe('running own');
    const first = ownPid();
    const { page, shell } = portPair();
    link.openPort(shell);
    const lost = closed(page);
    const states: string[] = [];
    link.subscribe(() => states.push(state()));
    process.kill(first, 'SIGKILL');
    await lost;
    await expect.poll(() => states[0], within).toBe('lost own');
    expect(link.client()).toBeUndefined();
    expect(link.snapshot()).toMatchObject({ who: String(first) });
    await expect.poll(() => reached, within).toBe(2);
    expect(ownPid()).not.toBe(first);
    expect(log.join()).toContain('SIGKILL');
  },
);

test(
  'three crashes stop it: the Problem and the log have its last words, and asking again starts it',
  patient,
  async () => {
    ownCore(crashing);
    linked();
    await expect.poll(state, within).toBe('stopped own');
    expect(link.state().problem).toMatchObject({
      code: 'core-stopped',
      detail: { how: 'exit 3', output: 'Error: out of luck' },
    });
    expect(log.filter((line) => line.includes('out of luck'))).toHaveLength(3);
    ownCore(serving());
    link.retry();
    await expect.poll(state, within).toBe('running own');
    expect(link.state().problem).toBeUndefined();
  },
);

test('a core that says why it cannot start is left alone at once', patient, async () => {
  ownCore(refusing('settings-newer'));
  linked();
  await expect.poll(state, within).toBe('stopped own');
  expect(link.state().problem).toMatchObject({ code: 'settings-newer' });
  expect(log).toHaveLength(1);
});

test('a program that is not there is no different from one that crashes', patient, async () => {
  linked();
  await expect.poll(state, within).toBe('stopped own');
  expect(link.state().problem?.detail?.['output']).toContain('core.mjs');
});

test('while another core is at work for one command only, it is waited for', patient, async () => {
  ownCore(refusing('core-running'));
  linked();
  await expect.poll(() => link.state().problem?.code, within).toBe('core-running');
  expect(link.state().state).toBe('starting');
  ends.push(await serveSmallCore(socket, 'somebody'));
  await expect.poll(state, within).toBe('running foreign');
  expect(link.state().problem).toBeUndefined();
  expect(log).toEqual([]);
});

test('a core that does not end when it is asked to is killed, and the log says so', patient, async () => {
  ownCore(serving(true));
  linked(300);
  await expect.poll(state, within).toBe('running own');
  const pid = ownPid();
  await link.close();
  expect(alive(pid)).toBe(false);
  expect(log.join()).toContain('did not end in time');
});

test('closing while a core starts leaves none behind', patient, async () => {
  ownCore(serving());
  linked();
  await link.close();
  expect(existsSync(socket) && (await connectLocalSocket(socket)) !== undefined).toBe(false);
});

test('a window that asks for a line while there is no core gets a closed one', patient, async () => {
  ownCore(crashing);
  linked();
  const { page, shell } = portPair();
  const end = closed(page);
  link.openPort(shell);
  await end;
});
