import type { MenuEntry, SessionBus, TrayItem } from './session-bus.ts';
import { nameOfIcon } from './icon-names.ts';

/** What a person sees in the panel. */
export interface SeenTray {
  /** Which of our pictures it is, as its file is called. */
  readonly icon: string;
  readonly toolTip: string;
  /** The first line of the menu: what is true now. */
  readonly header: string;
  /** Every other line: `● tokyo` is chosen, `(tokyo)` cannot be, `Runtimes › Docker` lies below, `─` divides. */
  readonly lines: readonly string[];
}

/** The app's tray as the panel of a session shows it. */
export class Tray {
  readonly #bus: SessionBus;

  constructor(bus: SessionBus) {
    this.#bus = bus;
  }

  /** Whether it is in the panel. */
  async appears(): Promise<boolean> {
    return (await this.#bus.items()).length > 0;
  }

  async see(): Promise<SeenTray> {
    const item = await this.#item();
    const [header, ...rest] = linesOf(await this.#bus.menu(item));
    const icon = nameOfIcon(item.icons);
    return { icon, toolTip: item.toolTip, header: (header ?? '').replace(/^\((.*)\)$/, '$1'), lines: rest };
  }

  /** Clicks the one line of the menu, at any depth, that begins with these words. */
  async click(words: string): Promise<void> {
    const item = await this.#item();
    const entries = everyEntry(await this.#bus.menu(item));
    const [found, ...more] = entries.filter(
      (entry) => entry.visible && entry.entries.length === 0 && wordsOf(entry).startsWith(words),
    );
    const all = entries.map(wordsOf).join(' | ');
    if (found === undefined || more.length > 0) throw new Error(`not one line begins with ${words}: ${all}`);
    if (!found.enabled) throw new Error(`${words} cannot be chosen: ${all}`);
    await this.#bus.press(item, found);
  }

  /** Clicks the icon itself. */
  async activate(): Promise<void> {
    await this.#bus.activate(await this.#item());
  }

  async #item(): Promise<TrayItem> {
    const [item, ...more] = await this.#bus.items();
    if (item === undefined || more.length > 0) throw new Error(`${more.length === 0 ? 'no' : 'more than one'} tray`);
    return item;
  }
}

/** A label as it is drawn: one underscore marks a key, two are one. */
const wordsOf = ({ label }: MenuEntry): string => label.replaceAll(/__|_/g, (marks) => (marks === '__' ? '_' : ''));

const everyEntry = (entries: readonly MenuEntry[]): readonly MenuEntry[] =>
  entries.flatMap((entry) => [entry, ...everyEntry(entry.entries)]);

function linesOf(entries: readonly MenuEntry[], above = ''): readonly string[] {
  return entries
    .filter(({ visible }) => visible)
    .flatMap((entry) => {
      if (entry.kind === 'separator') return ['─'];
      const words = `${above}${wordsOf(entry)}`;
      const line = entry.enabled ? words : `(${words})`;
      return [entry.checked ? `● ${line}` : line, ...linesOf(entry.entries, `${words} › `)];
    });
}
