/**
 * How long a window that nobody sees stays drawn, in ms. Its page is a third of the app's memory and hears every sample meanwhile; whoever
 * comes back within a minute finds it at once, later it is made anew.
 */
export const restAfterMs = 60_000;

/** Calls `rest` when nobody has seen the window for so long. */
export class WindowRest {
  readonly #rest: () => void;
  readonly #afterMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(rest: () => void, afterMs = restAfterMs) {
    this.#rest = rest;
    this.#afterMs = afterMs;
  }

  /** From now on nobody sees it; said again, the time begins anew. */
  unseen(): void {
    this.seen();
    this.#timer = setTimeout(this.#rest, this.#afterMs);
  }

  /** It is shown, or gone. */
  seen(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
