import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { ProblemError } from '../../preload/contract/problem-error.ts';
import { shellChannels } from '../../preload/contract/shell-channels.ts';
import type { ShellState } from '../../preload/contract/shell.ts';
import type { Client, Connection } from './client.ts';
import { coreGone } from './problems.ts';

/** What the connection needs of the shell: where the core is, and the asking for a line to it. */
export interface LineGiver {
  state(): ShellState;
  subscribe(listener: () => void): () => void;
  askForLine(): void;
}

/**
 * Reaches the core over the ports that the desktop shell hands to this window; there is no address and no session. A new port replaces the
 * one before, and calls under way on that one reject at once, as they do when the shell says that the core is away: nothing waits for an
 * answer that cannot come. Calls made meanwhile reject at once too; only those of a page that was just opened wait for its first line.
 */
export function openShellConnection(page: EventTarget, shell: LineGiver): Connection {
  let line: { readonly link: RPCLink<Record<never, never>>; readonly port: MessagePort } | undefined;
  let wasOpen = false;
  let closed = false;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  /** Whether the core is given up for now: nothing that is asked of it is answered by waiting. */
  const isAway = (): boolean => closed || ['lost', 'stopped'].includes(shell.state().core.state);
  const openLine = (): typeof line => {
    if (!line || shell.state().core.state !== 'running') return undefined;
    wasOpen = true;
    return line;
  };
  /** The first of these that is there, looked for now and whenever something changed. */
  const until = <T>(found: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const look = (): void => {
        const value = found();
        if (value === undefined) return;
        listeners.delete(look);
        resolve(value);
      };
      listeners.add(look);
      look();
    });

  const drop = (): void => {
    const dropped = line;
    line = undefined;
    // The link hears of an end only by this event, which older Chromium does not send and none sends to the side that closes.
    dropped?.port.dispatchEvent(new Event('close'));
    dropped?.port.close();
  };
  const take = (port: MessagePort): void => {
    drop();
    const taken = { link: new RPCLink<Record<never, never>>({ port }), port };
    line = taken;
    port.addEventListener('close', () => {
      if (line === taken) drop();
    });
    port.start();
    tell();
  };
  const onMessage = (event: Event): void => {
    const { data, source, ports } = event as MessageEvent<unknown>;
    const [port] = ports;
    if (source === page && data === shellChannels.port && port) take(port);
  };

  page.addEventListener('message', onMessage);
  const leave = shell.subscribe(() => {
    if (isAway()) drop();
    tell();
  });
  shell.askForLine();

  const client = createORPCClient<Client>({
    async call(path, input, options) {
      const answering = await until(() => openLine() ?? (wasOpen || isAway() ? 'nobody' : undefined));
      if (answering === 'nobody') throw new ProblemError(coreGone);
      return answering.link.call(path, input, options);
    },
  });
  return {
    client,
    opened: () => until(openLine).then(() => {}),
    close() {
      closed = true;
      page.removeEventListener('message', onMessage);
      leave();
      drop();
      tell();
    },
  };
}
