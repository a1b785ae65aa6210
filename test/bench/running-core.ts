import { once } from 'node:events';
import type { Product } from '../e2e/product.ts';
import { serveWords } from './installed.ts';

/** Does something while an installed core serves a product's commands; `pid` is its process on the laptop. */
export async function withRunningCore<T>(product: Product, body: (pid: string) => Promise<T>): Promise<T> {
  const { laptop, home } = product;
  const core = laptop.spawn([...serveWords], { user: 'dev', env: { MIRRORFLEET_HOME: home } });
  const gone = once(core, 'close');
  // It says how things are once its socket is there.
  const serves = new Promise<void>((resolve) => core.stdout?.once('data', () => resolve()));
  await Promise.race([serves, gone.then(() => Promise.reject(new Error('the core ended before it served')))]);
  const pid = (await laptop.mustExec(['pgrep', '-u', 'dev', '-f', '-o', 'cli.mjs serve --headless'])).trim();
  try {
    return await body(pid);
  } finally {
    await laptop.mustExec(['kill', pid]);
    await gone;
  }
}
