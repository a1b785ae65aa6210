import { join } from 'node:path';
import { hostKeyOf, openStory, Product } from '../e2e/product.ts';
import type { Lab, Machine } from '../lab/lab.ts';
import { installed } from './installed.ts';

/** A product of these figures' own on the laptop, whose secrets need no keychain. */
export async function openProduct(lab: Lab, home: string): Promise<{ product: Product; server: Machine }> {
  const { server, product } = await openStory(lab, 'alpha');
  const own = new Product(product.laptop, home, installed);
  await own.must(['settings', 'vault', 'key-file']);
  return { product: own, server };
}

/** Makes the server a node called alpha, does something with it, and makes it bare again. */
export async function servingNode<T>(
  lab: Lab,
  home: string,
  body: (product: Product, server: Machine) => Promise<T>,
): Promise<T> {
  const { product, server } = await openProduct(lab, home);
  await product.must(['node', 'add', 'alpha', `root@${server.ip}`, '--accept-host-key', await hostKeyOf(server)]);
  await product.must(['node', 'apply', 'alpha', '--yes']);
  try {
    return await body(product, server);
  } finally {
    await product.must(['node', 'remove', 'alpha', '--yes']);
  }
}

/** Gives a node that was applied more names, so that there are so many nodes, each watched for itself. */
export async function giveNames(product: Product, node: string, count: number): Promise<void> {
  const program = join(import.meta.dirname, '../endurance/many-names.ts');
  const env = { MIRRORFLEET_HOME: product.home };
  await product.laptop.mustExec([process.execPath, program, node, `${count}`], { user: 'dev', env });
}
