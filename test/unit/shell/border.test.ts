import type { IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import { expect, test } from 'vitest';
import { type BorderOptions, serveBorder } from '../../../main/shell/border.ts';
import { defaultPreferences } from '../../../main/shell/preferences.ts';
import type { ShellState } from '../../../preload/contract/shell.ts';
import { shellChannels } from '../../../preload/contract/shell-channels.ts';

const state: ShellState = {
  version: '0.1.0',
  core: { state: 'running', own: true },
  preferences: defaultPreferences,
  tray: true,
};
const ours = { name: 'our page' } as unknown as WebContents;
const page = 'mirrorfleet-app://pages/#/fleet';
type Sender = Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>;
const from = (sender: WebContents, url: string, parent: object | null = null): Sender => ({
  sender,
  senderFrame: { url, parent } as unknown as IpcMainInvokeEvent['senderFrame'],
});
const ownPage = from(ours, page);

/** A border whose doings and refusals are written down. */
function border(window?: 'no window') {
  type Handler = (event: IpcMainInvokeEvent, ...sent: unknown[]) => unknown;
  const handlers = new Map<string, Handler>();
  const done: unknown[] = [];
  const refused: string[] = [];
  const keep =
    (what: string) =>
    async (sent?: unknown): Promise<void> =>
      void done.push([what, sent]);
  const ipcMain = {
    handle: (channel: string, handler: Handler) => void handlers.set(channel, handler),
    on: (channel: string, handler: Handler) => void handlers.set(channel, handler),
  } as unknown as BorderOptions['ipcMain'];
  serveBorder({
    ipcMain,
    ours: () => (window ? undefined : ours),
    prefer: (part) => {
      done.push(['prefer', part]);
      return state;
    },
    reveal: keep('reveal'),
    copy: keep('copy'),
    openLink: keep('open-link'),
    startCore: () => void done.push(['start-core', undefined]),
    connect: () => void done.push(['connect', undefined]),
    refused: (channel, why) => void refused.push(`${channel} ${why}`),
  });
  const ask = (channel: string, sender: Sender, ...sent: unknown[]): Promise<unknown> =>
    Promise.resolve(handlers.get(channel)?.(sender as IpcMainInvokeEvent & IpcMainEvent, ...sent));
  return { handlers, done, refused, ask };
}

const right: readonly (readonly [channel: string, ...sent: unknown[]])[] = [
  [shellChannels.prefer, { theme: 'dark' }],
  [shellChannels.reveal, 'core-log'],
  [shellChannels.copy, 'mirrorfleet node list'],
  [shellChannels.openLink, 'https://example.com'],
  [shellChannels.startCore],
  [shellChannels.connect],
];

test('every channel that a window speaks on is served, and no other', () => {
  const { stateChanged, port, place, ...asked } = shellChannels;
  expect([...border().handlers.keys()].toSorted()).toEqual(Object.values(asked).toSorted());
  for (const told of [stateChanged, port, place]) expect(border().handlers.has(told)).toBe(false);
});

test('what our own page asks for in the right form is done', async () => {
  const { ask, done, refused } = border();
  for (const [channel, ...sent] of right) await ask(channel, ownPage, ...sent);
  expect(done).toEqual([
    ['prefer', { theme: 'dark' }],
    ['reveal', 'core-log'],
    ['copy', 'mirrorfleet node list'],
    ['open-link', 'https://example.com'],
    ['start-core', undefined],
    ['connect', undefined],
  ]);
  expect(refused).toEqual([]);
});

const strangers: readonly (readonly [string, Sender])[] = [
  ["another window's page", from({} as WebContents, page)],
  ['a frame within our page', from(ours, page, {})],
  ['our window at another address', from(ours, 'https://example.com/')],
  ['our window at a file of ours that is not the page', from(ours, 'mirrorfleet-app://pages/assets/main-abc.js')],
  ['our window at an empty page', from(ours, 'about:blank')],
  ['a frame that is gone', { sender: ours, senderFrame: null }],
];

test.each(strangers)('%s is refused on every channel, and nothing is done', async (_who, sender) => {
  const { ask, done, refused } = border();
  for (const [channel, ...sent] of right) await ask(channel, sender, ...sent).catch(() => {});
  expect(done).toEqual([]);
  expect(refused).toEqual(right.map(([channel]) => `${channel} sender`));
});

test('while there is no window nobody is answered', async () => {
  const { ask, refused } = border('no window');
  await expect(ask(shellChannels.startCore, ownPage)).rejects.toMatchObject({
    problem: { code: 'shell-call-refused' },
  });
  expect(refused).toEqual([`${shellChannels.startCore} sender`]);
});

const wrong: readonly (readonly [channel: string, ...sent: unknown[]])[] = [
  [shellChannels.prefer],
  [shellChannels.prefer, { theme: 'purple' }],
  [shellChannels.prefer, { theme: 'dark', window: { x: 0 } }],
  [shellChannels.prefer, { theme: 'dark' }, { theme: 'light' }],
  [shellChannels.reveal, '/etc/passwd'],
  [shellChannels.reveal, ['core-log']],
  [shellChannels.copy, 7],
  [shellChannels.copy, 'x'.repeat(4 * 1024 * 1024 + 1)],
  [shellChannels.openLink, { href: 'https://example.com' }],
  [shellChannels.startCore, 'now'],
];

test.each(wrong.map((call) => ({ call })))(
  '$call.0 does nothing with what it does not understand',
  async ({ call }) => {
    const [channel, ...sent] = call;
    const { ask, done, refused } = border();
    await expect(ask(channel, ownPage, ...sent)).rejects.toMatchObject({ problem: { code: 'shell-call-refused' } });
    expect(done).toEqual([]);
    expect(refused).toEqual([`${channel} arguments`]);
  },
);
