import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { DesktopApp } from './desktop-app.ts';
import { Session, type SessionOptions } from './session.ts';

/** Where the vault's key lives, on desktops with GNOME's keyring open, with it locked, and with none at all; chosen in the window. */
const pictures = 'test/artefacts/desktop';

let lab: Lab;
let laptop: Machine;
let session: Session | undefined;
let app: DesktopApp | undefined;

beforeAll(async () => {
  lab = await attachLab();
  laptop = await lab.machine('laptop');
  await laptop.exec(['rm', '-rf', '/home/dev/.local/share/keyrings']);
});

afterEach(async () => {
  await app?.end();
  await session?.end();
});

afterAll(async () => {
  await laptop.exec(['rm', '-rf', '/home/dev/.local/share/keyrings']);
});

/** Logs in and opens the settings. */
async function openSettings(home: string, options: SessionOptions): Promise<Page> {
  session = await Session.start(laptop, options);
  app = await DesktopApp.start(lab, session, { home });
  const page = await app.window();
  await page.getByText('Core connected').waitFor();
  await page.getByRole('link', { name: 'Settings' }).click();
  return page;
}

/** The whole of a choice: of the place, and of nothing else. */
const choose = (page: Page, place: string): Promise<void> => page.getByRole('radio', { name: place }).click();
const keep = (name: string): Promise<void> | undefined => session?.screenshot(`${pictures}/${name}.png`);
const filesOf = (home: string): Promise<string> => laptop.mustExec(['ls', `/home/dev/${home}/config`]);

/** What the keyring holds of ours, locked or not. */
async function secretsKept(): Promise<number> {
  const search =
    "gdbus call --session --dest org.freedesktop.secrets --object-path /org/freedesktop/secrets --method org.freedesktop.Secret.Service.SearchItems \"{'service': 'mirrorfleet'}\"";
  const said = await laptop.mustExec(['sh', '-c', search], { user: 'dev', env: session?.env ?? {} });
  return (said.match(/\/collection\/login\/\d+/g) ?? []).length;
}

test('an open keyring keeps the key, and the next start opens the vault without a question', async () => {
  const home = 'story-keyring-open';
  const page = await openSettings(home, { keyring: 'unlocked' });
  await choose(page, 'This computer’s keychain');
  await page.getByText('The key was moved and every secret sealed anew.').waitFor();
  await keep('keyring-open');
  expect(await secretsKept()).toBe(1);
  expect(await filesOf(home)).not.toMatch(/key$/m);
  await app?.end();
  await session?.end();

  const next = await openSettings(home, { keyring: 'unlocked' });
  expect(await next.getByRole('radio', { name: 'This computer’s keychain' }).isChecked()).toBe(true);
  // Sealing anew needs the key that is kept, so this works only where the keyring gave it.
  await choose(next, 'A key file');
  await next.getByRole('dialog').getByRole('button', { name: 'Keep the key in a file' }).click();
  await next.getByText('The key was moved').waitFor();
});

test('a locked keyring is said, and a passphrase is the way out: it is asked for by the window at the next start', async () => {
  const home = 'story-keyring-locked';
  const page = await openSettings(home, { keyring: 'locked' });
  await choose(page, 'This computer’s keychain');
  await page.getByText('No keychain of this system answered').first().waitFor({ timeout: 30_000 });
  await keep('keyring-locked');
  await choose(page, 'A passphrase');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('New passphrase').fill('correct horse battery');
  await dialog.getByLabel('The same again').fill('correct horse battery');
  await dialog.getByRole('button', { name: 'Seal with this passphrase' }).click();
  await page.getByText('The key was moved').waitFor();
  await app?.end();
  await session?.end();

  const next = await openSettings(home, { keyring: 'locked' });
  const asked = next.getByRole('form', { name: 'The vault is locked.' });
  await asked.waitFor();
  await keep('keyring-passphrase');
  await asked.getByLabel('Passphrase', { exact: true }).fill('correct horse battery');
  await asked.getByRole('button', { name: 'Unlock the vault' }).click();
  await asked.waitFor({ state: 'detached' });
});

test('without any keyring the window says so, and a key file is chosen knowingly', async () => {
  const home = 'story-keyring-absent';
  const page = await openSettings(home, { keyring: 'absent' });
  await choose(page, 'This computer’s keychain');
  await page.getByText('No keychain of this system answered').first().waitFor();
  await choose(page, 'A key file');
  await page.getByRole('dialog').getByRole('button', { name: 'Keep the key in a file' }).click();
  // The question itself says so as well, until it is gone.
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByText('Whoever can read the key file').waitFor();
  await keep('keyring-absent');
  expect(await filesOf(home)).toMatch(/key$/m);
});
