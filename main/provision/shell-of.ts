import type { SshTarget } from '../../preload/contract/node.ts';
import { quoteCommand } from '../hosts/shell-quote.ts';

/** What to type in a terminal to be on a node's machine, by the same way that Mirrorfleet goes. Pure. */
export function shellOf({ destination, port, identityFile, jump }: SshTarget): string {
  return quoteCommand([
    'ssh',
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(identityFile === undefined ? [] : ['-i', identityFile]),
    ...(jump === undefined ? [] : ['-J', jump]),
    destination,
  ]);
}
