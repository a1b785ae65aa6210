import type { Problem } from '../../preload/contract/problem.ts';
import type { CoreState, ShellState } from '../../preload/contract/shell.ts';
import type { Scene } from './scenes.ts';
import { fleet, node } from './world/fleet.ts';
import { containerd, docker, podman } from './world/runtimes.ts';
import { quiet, type World } from './world/world.ts';

const shell = (core: Partial<CoreState> = {}, changed: Partial<ShellState> = {}): ShellState => ({
  version: '0.1.0',
  core: { state: 'running', own: true, version: '0.1.0', ...core },
  preferences: { theme: 'system', language: 'system', openAtLogin: true, notifications: true },
  tray: true,
  ...changed,
});

const one = (now: number): World =>
  quiet({ nodes: [node('tokyo', now)], runtimes: [docker(now), containerd(['tokyo']), podman()] });

const leftAlone: CoreState = {
  state: 'stopped',
  own: true,
  problem: {
    code: 'core-stopped',
    message: 'The core ended three times within a minute and is left alone; nothing is watched or switched meanwhile.',
    hint: 'Start it again. What went wrong stands in its log: /home/dev/.local/state/mirrorfleet/log/core.log',
    retryable: true,
    detail: {
      log: '/home/dev/.local/state/mirrorfleet/log/core.log',
      how: 'signal SIGKILL',
      output: 'listening on /run/user/1000/mirrorfleet.sock',
    },
  },
};

const loginRefused: Problem = {
  code: 'login-item-failed',
  message: 'Mirrorfleet could not be put among what starts at login; nothing was changed.',
  hint: 'Look who owns the folder, and try again.',
  retryable: true,
  detail: { file: '/home/dev/.config/autostart/mirrorfleet.desktop', reason: 'EACCES' },
};

const desktop = (scene: string, hash: string, world: Scene['world'], act?: Scene['act']): Scene => ({
  page: 'desktop',
  scene,
  hash,
  world,
  ...(act && { act }),
});

/** The pages in the window of the desktop app, and what the vault asks wherever one is. */
export const desktopScenes: readonly Scene[] = [
  desktop('one', '#/fleet', (now) => ({ ...one(now), shell: shell() })),
  desktop('core-lost', '#/fleet', (now) => ({ ...one(now), connection: 'lost', shell: shell({ state: 'lost' }) })),
  desktop('core-stopped', '#/fleet', (now) => ({ ...one(now), connection: 'lost', shell: shell(leftAlone) })),
  desktop('core-stopped-first', '#/fleet', () =>
    quiet({}, { connection: 'connecting', calls: 'hang', shell: shell({ ...leftAlone, version: undefined }) }),
  ),
  desktop('no-tray', '#/fleet', (now) => ({ ...one(now), shell: shell({}, { tray: false }) })),
  desktop('no-tray-many', '#/fleet', (now) =>
    quiet({ nodes: fleet(30, now), runtimes: [docker(now)] }, { shell: shell({}, { tray: false }) }),
  ),
  desktop('other-version', '#/settings?search=about', (now) => ({
    ...one(now),
    shell: shell({ own: false }, { version: '0.2.0' }),
  })),
  desktop('settings-login-failed', '#/settings?search=start', (now) => ({
    ...one(now),
    shell: shell({}, { problem: loginRefused }),
  })),
  desktop('settings', '#/settings', (now) => ({ ...one(now), shell: shell() })),
  desktop(
    'settings-found',
    '#/settings?search=start',
    (now) => ({ ...one(now), shell: shell({}, { tray: false }) }),
    (page) => page.getByRole('button', { name: 'Do not show this again' }).click(),
  ),
  desktop(
    'settings-no-tray',
    '#/settings?search=tray',
    (now) => ({ ...one(now), shell: shell({}, { tray: false }) }),
    (page) => page.getByRole('button', { name: 'Do not show this again' }).click(),
  ),
  desktop('about', '#/settings?search=about', (now) => ({ ...one(now), shell: shell({ own: false }) })),
  desktop(
    'palette',
    '#/fleet',
    (now) => ({ ...one(now), shell: shell(leftAlone) }),
    async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').getByRole('textbox').fill('core');
    },
  ),
  desktop('link-join', '#/link-refused?kind=join', (now) => ({ ...one(now), shell: shell() })),
  desktop('link-unknown', '#/link-refused?kind=unknown', (now) => ({ ...one(now), shell: shell() })),
  {
    page: 'vault',
    scene: 'locked',
    hash: '#/fleet',
    world: (now) => ({ ...one(now), vault: 'passphrase', passphrase: 'open sesame' }),
  },
  {
    page: 'vault',
    scene: 'unlock',
    hash: '#/runtimes',
    world: (now) => ({ ...one(now), vault: 'passphrase', passphrase: 'open sesame', shell: shell() }),
    act: async (page) => {
      await page.getByRole('button', { name: 'Unlock the vault…' }).click();
      await page.getByLabel('Passphrase', { exact: true }).fill('open barley');
      await page.getByRole('button', { name: 'Unlock the vault', exact: true }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    page: 'vault',
    scene: 'undecided',
    hash: '#/add',
    world: (now) => ({ ...one(now), vault: 'undecided', keychain: 'absent', shell: shell() }),
    act: addWithoutVault,
  },
  {
    page: 'vault',
    scene: 'choose',
    hash: '#/add',
    world: (now) => ({ ...one(now), vault: 'undecided', keychain: 'absent' }),
    act: async (page) => {
      await addWithoutVault(page);
      await page.getByRole('button', { name: 'Choose where the key lives…' }).first().click();
      await page.getByRole('radio', { name: 'keychain' }).click();
      await page.getByRole('dialog').getByRole('alert').waitFor();
    },
  },
  {
    page: 'vault',
    scene: 'choose-passphrase',
    hash: '#/add',
    world: (now) => ({ ...one(now), vault: 'undecided', keychain: 'absent' }),
    act: async (page) => {
      await addWithoutVault(page);
      await page.getByRole('button', { name: 'Choose where the key lives…' }).first().click();
      await page.getByRole('radio', { name: 'A passphrase' }).click();
      await page.getByLabel('New passphrase').waitFor();
    },
  },
];

/** A new server, by an undecided vault for which no keychain answers. */
async function addWithoutVault(page: Parameters<NonNullable<Scene['act']>>[0]): Promise<void> {
  await page.getByRole('combobox', { name: 'Host' }).fill('vps-2');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Connect and check' }).click();
  await page.getByRole('alert').waitFor();
}
