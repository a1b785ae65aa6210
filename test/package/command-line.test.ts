import { join } from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { version } from '../../main/version.ts';
import { runCommand } from '../lab/command.ts';
import { Person } from './person.ts';

const resources = (path: string): string => join(inject('package').folder, 'resources', path);
const person = new Person();
afterAll(() => person.forget());

describe('the command line in the package', () => {
  const mirrorfleet = (words: readonly string[]) => person.run([resources('bin/mirrorfleet'), ...words]);

  test('runs as an ordinary user who has no Node', async () => {
    expect(await person.run(['sh', '-c', 'command -v node'])).toMatchObject({ stdout: '' });
    expect(await mirrorfleet(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('keeps settings and reads them again', async () => {
    expect(await mirrorfleet(['settings', 'vault', 'key-file'])).toMatchObject({ code: 0 });
    expect((await mirrorfleet(['settings'])).stdout).toMatch(/^vault +key-file /m);
  });

  test('is found behind a link, as a package manager may put one', async () => {
    const link = person.link('mf', resources('bin/mirrorfleet'));
    expect(await person.run([link, '--version'])).toMatchObject({ code: 0 });
  });

  test('serves the pages that the package brings', async () => {
    const page = await person.firstPage([resources('bin/mirrorfleet'), 'serve']);
    expect(page).toContain('<title>Mirrorfleet</title>');
  });

  test("puts the vault's key into the keychain of the session, by the prebuilt module", async () => {
    const session = 'printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null';
    const chosen = await person.inSession(`${session} && ${resources('bin/mirrorfleet')} settings vault keychain`);
    expect(chosen).toMatchObject({ code: 0 });
  });

  test('has the helper answer that its Node starts as root', async () => {
    const said = await runCommand([resources('bin/node'), resources('cli/privileged-helper.mjs')], {
      input: '{"verb":"hello"}\n',
    });
    expect(said).toEqual({ code: 0, stdout: '{"ok":true,"helper":1,"uid":0}\n', stderr: '' });
  });
});
