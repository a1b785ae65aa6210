import { join } from 'node:path';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { runCommand } from '../lab/command.ts';
import { config } from './build-package.ts';
import { Person } from './person.ts';

const built = inject('package');
const person = new Person();
afterAll(() => person.forget());

describe('the fuses', () => {
  test('say of everything that electron-builder can set what it is, and are set so in the program', async () => {
    expect(config.electronFuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    });
    const wire = await getCurrentFuseWire(join(built.folder, 'mirrorfleet-desktop'));
    const on = [
      FuseV1Options.EnableCookieEncryption,
      FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
      FuseV1Options.OnlyLoadAppFromAsar,
    ];
    // This Electron knows all but the last of them. In the wire a fuse is a letter: 1 is on, 0 is off.
    for (let fuse = FuseV1Options.RunAsNode; fuse < FuseV1Options.GrantFileProtocolExtraPrivileges; fuse += 1)
      expect(String.fromCharCode(wire[fuse] ?? 0), FuseV1Options[fuse]).toBe(on.includes(fuse) ? '1' : '0');
  });

  test('leave no way to run the program as a Node, which the Electron of before them is', async () => {
    const script = ['-e', 'console.log("a Node, " + 6 * 7)'];
    const env = { ELECTRON_RUN_AS_NODE: '1' };
    expect((await runCommand([join(built.electron, 'electron'), ...script], { env })).stdout).toBe('a Node, 42\n');
    const fused = await person.run([join(built.folder, 'mirrorfleet-desktop'), ...script], env);
    expect(fused.stdout).not.toContain('42');
    expect(fused.code).not.toBe(0);
  });
});
