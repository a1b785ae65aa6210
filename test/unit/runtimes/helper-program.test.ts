import { expect, test } from 'vitest';
import { helperProgram } from '../../../main/runtimes/helper-program.ts';

const opt = '/opt/Mirrorfleet/resources';

test.each([
  [
    'a checkout: the source beside, by the same Node',
    { here: '/src/main/runtimes', extension: '.ts', program: '/src/node_modules/.bin/node', platform: 'linux' },
    { node: '/src/node_modules/.bin/node', helper: '/src/main/runtimes/privileged-helper.ts' },
  ],
  [
    "a package's command line: the bundle beside, by the same Node",
    { here: `${opt}/cli`, extension: '.mjs', program: `${opt}/bin/node`, platform: 'linux' },
    { node: `${opt}/bin/node`, helper: `${opt}/cli/privileged-helper.mjs` },
  ],
  [
    "a package's desktop app: never Electron, never a file in the archive",
    {
      here: `${opt}/app.asar/out`,
      extension: '.js',
      program: '/opt/Mirrorfleet/mirrorfleet-desktop',
      platform: 'linux',
    },
    { node: `${opt}/bin/node`, helper: `${opt}/cli/privileged-helper.mjs` },
  ],
  [
    'an app bundle of macOS',
    {
      here: '/Applications/Mirrorfleet.app/Contents/Resources/app.asar/out',
      extension: '.js',
      program:
        '/Applications/Mirrorfleet.app/Contents/Frameworks/Mirrorfleet Helper.app/Contents/MacOS/Mirrorfleet Helper',
      platform: 'darwin',
    },
    {
      node: '/Applications/Mirrorfleet.app/Contents/Resources/bin/node',
      helper: '/Applications/Mirrorfleet.app/Contents/Resources/cli/privileged-helper.mjs',
    },
  ],
  [
    'an installation on Windows',
    {
      here: 'C:\\Programs\\Mirrorfleet\\resources\\app.asar\\out',
      extension: '.js',
      program: 'C:\\Programs\\Mirrorfleet\\mirrorfleet-desktop.exe',
      platform: 'win32',
    },
    {
      node: 'C:\\Programs\\Mirrorfleet\\resources\\bin\\node.exe',
      helper: 'C:\\Programs\\Mirrorfleet\\resources\\cli\\privileged-helper.mjs',
    },
  ],
  [
    "the core's bundle in a checkout, run by a Node",
    { here: '/src/out', extension: '.js', program: '/src/node_modules/.bin/node', platform: 'linux' },
    { node: '/src/node_modules/.bin/node', helper: '/src/out/cli/privileged-helper.mjs' },
  ],
  [
    'a checkout below a folder with the name of an archive',
    { here: '/app.asar/main/runtimes', extension: '.ts', program: '/usr/bin/node', platform: 'linux' },
    { node: '/usr/bin/node', helper: '/app.asar/main/runtimes/privileged-helper.ts' },
  ],
] as const)('root is given %s', (_, surroundings, run) => {
  expect(helperProgram(surroundings)).toEqual(run);
});
