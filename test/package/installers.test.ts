import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { helperProgram } from '../../main/runtimes/helper-program.ts';
import { version } from '../../main/version.ts';
import { runCommand } from '../lab/command.ts';
import { Person } from './person.ts';

const checkout = resolve(import.meta.dirname, '../..');
const built = inject('package');
const person = new Person();
afterAll(() => person.forget());

describe('a deb or an rpm', () => {
  const opt = '/opt/Mirrorfleet';
  /** Where each file of an installer comes from, by where it goes. */
  const installed = (kind: string): ReadonlyMap<string, string> =>
    new Map(
      (built.installers[kind] ?? [])
        .map((argument) => /^([^-=].*)=(\/.*)$/.exec(argument))
        .flatMap((match) => (match ? [[match[2] ?? '', resolve(checkout, match[1] ?? '')]] : [])),
    );

  test.each(['deb', 'rpm'])('puts as a %s each part where the system looks for it', (kind) => {
    expect([...installed(kind).keys()].filter((path) => !path.startsWith('/usr/share/icons/')).sort()).toEqual([
      opt,
      '/usr/bin/mirrorfleet',
      '/usr/share/applications/org.mirrorfleet.Mirrorfleet.desktop',
      '/usr/share/metainfo/org.mirrorfleet.Mirrorfleet.metainfo.xml',
      '/usr/share/polkit-1/actions/org.mirrorfleet.policy',
    ]);
    expect([...installed(kind).keys()]).toContain('/usr/share/icons/hicolor/256x256/apps/mirrorfleet-desktop.png');
    for (const source of [...installed(kind).values()].filter((path) => path.startsWith(checkout)))
      expect(statSync(source).isFile(), source).toBe(true);
  });

  test('has a polkit action, valid and asked each time, for the very program that the core starts', async () => {
    const policy = installed('deb').get('/usr/share/polkit-1/actions/org.mirrorfleet.policy') ?? '';
    const dtd = '/usr/share/polkit-1/policyconfig-1.dtd';
    expect(await runCommand(['xmllint', '--noout', '--nonet', '--dtdvalid', dtd, policy])).toMatchObject({ code: 0 });
    const text = readFileSync(policy, 'utf8');
    const annotated = (key: string): string =>
      new RegExp(`<annotate key="org.freedesktop.policykit.exec.${key}">([^<]+)<`).exec(text)?.[1] ?? '';
    expect({ node: annotated('path'), helper: annotated('argv1') }).toEqual(
      helperProgram({
        here: `${opt}/resources/app.asar/out`,
        extension: '.js',
        program: `${opt}/mirrorfleet-desktop`,
        platform: 'linux',
      }),
    );
    for (const path of [annotated('path'), annotated('argv1')])
      expect(statSync(path.replace(opt, built.folder)).isFile(), path).toBe(true);
    expect(text.match(/<allow_\w+>\w+</g)).toEqual(
      ['any', 'inactive', 'active'].map((who) => `<allow_${who}>auth_admin<`),
    );
    expect(text.match(/<(message|description) xml:lang="zh_CN">/g)).toHaveLength(2);
  });

  test('has a desktop entry that is valid and opens the links of Mirrorfleet', async () => {
    const entry = person.file('org.mirrorfleet.Mirrorfleet.desktop', built.desktopEntry);
    expect(await runCommand(['desktop-file-validate', entry])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(built.desktopEntry.split('\n')).toEqual(
      expect.arrayContaining([
        `Exec=${opt}/mirrorfleet-desktop %U`,
        'Icon=mirrorfleet-desktop',
        'MimeType=x-scheme-handler/mirrorfleet;',
        'StartupWMClass=org.mirrorfleet.Mirrorfleet',
      ]),
    );
  });

  test('has valid metainfo, of this version, for that desktop entry', async () => {
    const metainfo = installed('deb').get('/usr/share/metainfo/org.mirrorfleet.Mirrorfleet.metainfo.xml') ?? '';
    expect(await runCommand(['appstreamcli', 'validate', '--no-net', metainfo])).toMatchObject({ code: 0 });
    const text = readFileSync(metainfo, 'utf8');
    expect(text).toContain('>org.mirrorfleet.Mirrorfleet.desktop</launchable>');
    expect(text).toContain(`<release version="${version}"`);
  });

  test('has a command on the path that runs the one in the package', () => {
    const launcher = installed('deb').get('/usr/bin/mirrorfleet') ?? '';
    expect(statSync(launcher).mode & 0o777).toBe(0o755);
    const target = /^exec (\S+) "\$@"$/m.exec(readFileSync(launcher, 'utf8'))?.[1] ?? '';
    expect(statSync(target.replace(opt, built.folder)).mode & 0o111).toBe(0o111);
  });
});
