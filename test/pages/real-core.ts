import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';

const checkout = resolve(import.meta.dirname, '../..');

/** The product as `npm run start:browser` runs it, with settings of its own that `forget` removes. */
export class RealCore {
  readonly #home = mkdtempSync(join(tmpdir(), 'mirrorfleet-browser-'));
  #core: ChildProcess | undefined;

  /** Starts the core; gives the one address that it prints. */
  start(): Promise<string> {
    this.#core = this.#serve();
    return addressOf(this.#core);
  }

  /** Another address, as a second `npm run start:browser` gives it. */
  another(): Promise<string> {
    return addressOf(this.#serve());
  }

  async end(): Promise<void> {
    const core = this.#core;
    if (core === undefined || core.exitCode !== null) return;
    const gone = new Promise((done) => core.once('close', done));
    core.kill('SIGTERM');
    await gone;
  }

  async forget(): Promise<void> {
    await this.end();
    rmSync(this.#home, { recursive: true });
  }

  #serve(): ChildProcess {
    return spawn(process.execPath, [join(checkout, 'main/serve.ts')], {
      env: { ...process.env, MIRRORFLEET_HOME: this.#home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }
}

function addressOf(started: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((found, fail) => {
    started.stdout?.on('data', (part: Buffer) => {
      said += part.toString();
      const [address, ...more] = said.match(/http:\/\/\S+(?=\s)/g) ?? [];
      if (more.length > 0) fail(new Error(`more than one address:\n${said}`));
      else if (address !== undefined) found(address);
    });
    started.once('close', () => fail(new Error(`no address:\n${said}`)));
  });
}

/** When the page first showed something of its own, in ms after its address was opened; React draws all of it at once. */
export function firstPaint(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise((found) => {
        new PerformanceObserver((list, observer) => {
          const [paint] = list.getEntriesByName('first-contentful-paint');
          if (!paint) return;
          observer.disconnect();
          found(paint.startTime);
        }).observe({ type: 'paint', buffered: true });
      }),
  );
}
