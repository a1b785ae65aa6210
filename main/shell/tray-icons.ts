import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NativeImage, nativeImage } from 'electron';
import { drawingOf, fileOf, scalesOf, shadeOf } from './picture-names.ts';
import type { TrayIcon } from './tray-view.ts';

/** The pictures of the tray, read once each. A picture that was already made is the same object, so it can be compared. */
export class TrayIcons {
  readonly #folder: string;
  readonly #platform: NodeJS.Platform;
  readonly #desktop: string;
  readonly #dark: () => boolean;
  readonly #made = new Map<string, NativeImage>();

  /** `desktop` is what `XDG_CURRENT_DESKTOP` says; `dark` whether the system shows dark surfaces now. */
  constructor(options: {
    readonly folder: string;
    readonly platform: NodeJS.Platform;
    readonly desktop: string;
    readonly dark: () => boolean;
  }) {
    this.#folder = options.folder;
    this.#platform = options.platform;
    this.#desktop = options.desktop;
    this.#dark = options.dark;
  }

  image(icon: TrayIcon, frame: 0 | 1): NativeImage {
    const drawing = drawingOf(icon, frame);
    const shade = shadeOf(this.#platform, this.#desktop, this.#dark());
    const name = `${drawing} ${shade}`;
    const known = this.#made.get(name);
    if (known) return known;
    const image = nativeImage.createEmpty();
    for (const { scale, width } of scalesOf(this.#platform))
      image.addRepresentation({
        scaleFactor: scale,
        width,
        height: width,
        buffer: readFileSync(join(this.#folder, fileOf(drawing, shade, width))),
      });
    if (this.#platform === 'darwin') image.setTemplateImage(true);
    this.#made.set(name, image);
    return image;
  }
}
