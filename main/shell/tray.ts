import { isDeepStrictEqual } from 'node:util';
import type { NativeImage } from 'electron';
import type { Language } from '../../preload/contract/language.ts';
import type { CoreLink } from './core-link.ts';
import { wordsFor } from './shell-words.ts';
import type { TrayHost } from './status-notifier.ts';
import type { ShellAction, TrayAction } from './tray-action.ts';
import { TrayCalls } from './tray-calls.ts';
import type { TrayIcons } from './tray-icons.ts';
import { type MenuLine, trayMenu, trayTooltip } from './tray-menu.ts';
import type { TraySurface } from './tray-surface.ts';
import { trayView } from './tray-view.ts';

export interface TrayOptions {
  readonly icons: Pick<TrayIcons, 'image'>;
  /** Puts a picture into the panel and gives the place of it. */
  readonly surface: (image: NativeImage) => TraySurface;
  /** Whether the desktop shows trays; see status-notifier.ts for what that means. */
  readonly host: Pick<TrayHost, 'there' | 'subscribe'>;
  readonly link: Pick<CoreLink, 'state' | 'snapshot' | 'client' | 'subscribe'>;
  /** The language that is spoken now; tell of another one by {@link AppTray.update}. */
  readonly language: () => Language;
  readonly act: (action: ShellAction) => void;
  /** Whether pictures should keep still, as far as the system says. */
  readonly still: () => boolean;
}

/** It is set at most so often, in ms; people see no more, and each time it travels to another process. */
const apartMs = 250;
/** Two pictures of work follow each other so slowly, in ms. */
const frameMs = 500;
/** Ages and stale values are looked at again so often, in ms. */
const agingMs = 15_000;

/** The tray: draws what `tray-view.ts` and `tray-menu.ts` decide, and only what changed of it. */
export class AppTray {
  readonly #options: TrayOptions;
  #surface: TraySurface;
  readonly #calls: TrayCalls;
  readonly #leave: readonly (() => void)[];
  readonly #aging: NodeJS.Timeout;
  #later: NodeJS.Timeout | undefined;
  #drawnAt = 0;
  #frame: 0 | 1 = 0;
  #moving: NodeJS.Timeout | undefined;
  #image: NativeImage;
  #tooltip = '';
  #menu: readonly MenuLine[] | undefined;

  constructor(options: TrayOptions) {
    this.#options = options;
    this.#image = options.icons.image('busy', 0);
    this.#surface = this.#appear();
    this.#calls = new TrayCalls({ link: options.link, changed: () => this.update(), open: this.#open, now: Date.now });
    this.#leave = [options.link.subscribe(() => this.update()), options.host.subscribe(() => this.#hostChanged())];
    this.#aging = setInterval(() => this.update(), agingMs);
    this.#aging.unref();
    this.#draw();
  }

  /** Whether people can see it. */
  exists(): boolean {
    return this.#options.host.there();
  }

  /** Draws anew what changed: at once, or as soon as the last time is long enough ago. */
  update(): void {
    if (this.#later !== undefined) return;
    const wait = Math.max(0, this.#drawnAt + apartMs - Date.now());
    this.#later = setTimeout(() => {
      this.#later = undefined;
      this.#draw();
    }, wait);
  }

  /** What a click in the menu asks for, or the button of a notification. */
  act(action: TrayAction): void {
    // A click has moved the mark of the choice already, whatever comes of it: the menu is no longer the one that was set.
    this.#menu = undefined;
    switch (action.kind) {
      case 'switch':
        void this.#calls.switch(action.route);
        break;
      case 'test':
        void this.#calls.test();
        break;
      case 'open':
      case 'start-core':
      case 'show-log':
      case 'quit':
        this.#options.act(action);
    }
    this.update();
  }

  close(): void {
    for (const leave of this.#leave) leave();
    clearInterval(this.#aging);
    clearInterval(this.#moving);
    clearTimeout(this.#later);
    this.#surface.close();
  }

  readonly #open = (hash?: string): void => {
    this.#options.act(hash === undefined ? { kind: 'open' } : { kind: 'open', hash });
  };

  #appear(): TraySurface {
    const surface = this.#options.surface(this.#image);
    // Where the system opens the menu by a click, it tells of none.
    surface.onClick(() => this.#open());
    return surface;
  }

  /** One that was made while nobody showed trays is seen by nobody later either: another takes its place. */
  #hostChanged(): void {
    if (!this.exists()) return;
    this.#surface.close();
    this.#surface = this.#appear();
    this.#tooltip = '';
    this.#menu = undefined;
    this.update();
  }

  #draw(): void {
    this.#drawnAt = Date.now();
    const { link, language: spoken, icons } = this.#options;
    const now = Date.now();
    const view = trayView({ snapshot: link.snapshot(), core: link.state(), now, work: this.#calls.work });
    const language = spoken();
    const speech = { language, words: wordsFor(language), now };
    this.#move(view.icon === 'busy');
    const image = icons.image(view.icon, this.#frame);
    if (image !== this.#image) {
      this.#image = image;
      this.#surface.setImage(image);
    }
    const tooltip = trayTooltip(view, speech);
    if (tooltip !== this.#tooltip) {
      this.#tooltip = tooltip;
      this.#surface.setToolTip(tooltip);
    }
    const menu = trayMenu(view, speech);
    if (!isDeepStrictEqual(menu, this.#menu)) {
      this.#menu = menu;
      this.#surface.setMenu(menu, (action) => this.act(action));
    }
  }

  #move(busy: boolean): void {
    if (busy === (this.#moving !== undefined)) return;
    if (!busy || this.#options.still()) {
      clearInterval(this.#moving);
      this.#moving = undefined;
      this.#frame = 0;
      return;
    }
    this.#moving = setInterval(() => {
      this.#frame = this.#frame === 0 ? 1 : 0;
      this.#image = this.#options.icons.image('busy', this.#frame);
      this.#surface.setImage(this.#image);
    }, frameMs);
    this.#moving.unref();
  }
}
