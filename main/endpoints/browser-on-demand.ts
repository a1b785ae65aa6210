import type { Log } from '../log/log.ts';
import type { BrowserDoor } from './browser-server.ts';
import { pagesFolder } from './pages-folder.ts';
import type { Router } from './router.ts';

/** The browser door, opened when the first address is asked for: a core without pages neither loads nor opens anything for them. */
export class BrowserOnDemand {
  readonly #router: Router;
  readonly #log: Log;
  #door: Promise<BrowserDoor> | undefined;

  constructor(router: Router, log: Log) {
    this.#router = router;
    this.#log = log;
  }

  /** An address that works once. `port` counts for the first one only; 0 is any free one. Throws `pages-missing` and `browser-port-taken`. */
  async newAddress(port: number): Promise<string> {
    this.#door ??= this.#open(port);
    return (await this.#door).newAddress();
  }

  async close(): Promise<void> {
    await this.#door?.then((door) => door.close()).catch(() => {});
  }

  async #open(port: number): Promise<BrowserDoor> {
    try {
      const { serveBrowser } = await import('./browser-server.ts');
      return await serveBrowser({ router: this.#router, log: this.#log, folder: pagesFolder(), port });
    } catch (error) {
      this.#door = undefined;
      throw error;
    }
  }
}
