import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, Platform } from 'electron-builder';
import type { TestProject } from 'vitest/node';
import { parse, stringify } from 'yaml';
import { electronRuntime } from '../lab/artefacts.ts';
import { mustRun } from '../lab/command.ts';

const checkout = resolve(import.meta.dirname, '../..');

/** A package as it is unpacked on a computer, and what the installers of Linux would have been made of. */
export interface Packaged {
  /** What lies in /opt/Mirrorfleet, readable by everybody. */
  readonly folder: string;
  /** The Electron that it was made of. */
  readonly electron: string;
  /** Arguments of the program that makes a deb or rpm, by kind. */
  readonly installers: Readonly<Record<string, readonly string[]>>;
  /** The desktop entry that they install. */
  readonly desktopEntry: string;
}

interface Config {
  readonly electronFuses: Readonly<Record<string, boolean>>;
}

/** What electron-builder.yml says. */
export const config = parse(readFileSync(join(checkout, 'electron-builder.yml'), 'utf8')) as Config;

/**
 * Builds everything and packages it as electron-builder.yml says, but for what cannot be had here: it is the tests' older Electron, which
 * does not know the last of the fuses, and the tools that make a deb and an rpm are told nothing; what they would be told is given.
 */
async function buildPackage(output: string): Promise<Packaged> {
  await mustRun(['npm', 'run', '--silent', 'build'], { cwd: checkout });
  const electron = await electronRuntime();
  const { grantFileProtocolExtraPrivileges: _, ...electronFuses } = config.electronFuses;
  const ours = join(output, 'electron-builder.yml');
  const extraMetadata = { homepage: 'https://mirrorfleet.invalid' };
  const directories = { output, buildResources: 'resources/package' };
  writeFileSync(
    ours,
    stringify({
      ...config,
      electronFuses,
      electronDist: electron,
      electronVersion: '22.3.25',
      extraMetadata,
      directories,
    }),
  );
  const installers: Record<string, readonly string[]> = {};
  let desktopEntry = '';
  await build({
    projectDir: checkout,
    config: ours,
    publish: 'never',
    targets: Platform.LINUX.createTarget(['deb', 'rpm']),
    effectiveOptionComputed: ([args, entry]: [readonly string[], string]) => {
      const kind = args[args.indexOf('--package') + 1]?.split('.').at(-1) ?? '';
      installers[kind] = args;
      desktopEntry = readFileSync(entry, 'utf8');
      return Promise.resolve(true);
    },
  });
  await mustRun(['chmod', '-R', 'a+rX', output]);
  return { folder: join(output, 'linux-unpacked'), electron, installers, desktopEntry };
}

declare module 'vitest' {
  interface ProvidedContext {
    package: Packaged;
  }
}

/** Before the first file of the project: one package for all of them, thrown away after the last. */
export async function setup(project: TestProject): Promise<() => void> {
  const output = mkdtempSync(join(tmpdir(), 'mirrorfleet-package-'));
  project.provide('package', await buildPackage(output));
  return () => rmSync(output, { recursive: true });
}
