import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { drawings, fileOf, widths } from './picture-names.ts';

/** Draws the pictures of tray and app (`resources/icons/*.svg`) as PNG files into the folder that is named, for the build. */
const folder = process.argv[2];
if (folder === undefined)
  throw new Error('Name the folder for the pictures: node main/shell/draw-icons.ts out/desktop/icons');
const sources = join(import.meta.dirname, '../../resources/icons');
/** What systems ask for, up to the picture that installers make theirs of. */
const appWidths = [16, 24, 32, 48, 64, 128, 256, 512, 1024];

async function draw(svg: string, width: number): Promise<Buffer> {
  const sized = svg.replace('<svg ', `<svg width="${width}" height="${width}" `);
  const canvas = createCanvas(width, width);
  canvas.getContext('2d').drawImage(await loadImage(Buffer.from(sized)), 0, 0, width, width);
  return canvas.encode('png');
}

const files: { readonly name: string; readonly svg: string; readonly width: number }[] = [];
for (const drawing of drawings) {
  const svg = await readFile(join(sources, `tray-${drawing}.svg`), 'utf8');
  for (const width of widths) {
    files.push({ name: fileOf(drawing, 'dark', width), svg, width });
    files.push({ name: fileOf(drawing, 'light', width), svg: svg.replaceAll('#000', '#fff'), width });
  }
}
const app = await readFile(join(sources, 'app.svg'), 'utf8');
for (const width of appWidths) files.push({ name: `app-${width}.png`, svg: app, width });

await mkdir(folder, { recursive: true });
await Promise.all(files.map(async ({ name, svg, width }) => writeFile(join(folder, name), await draw(svg, width))));
