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
 * answer that cannot come. Calls made without a line reject at once too.
 */
export function openShellConnection(page: EventTarget, shell: LineGiver): Connection {
  let line: { readonly link: RPCLink<Record<never, never>>; readonly port: MessagePort } | undefined;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const isReached = (): boolean => shell.state().core.state === 'running';

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
    const { state } = shell.state().core;
    if (state === 'lost' || state === 'stopped') drop();
    tell();
  });
  shell.askForLine();

  const client = createORPCClient<Client>({
    call: (path, input, options) =>
      line ? line.link.call(path, input, options) : Promise.reject(new ProblemError(coreGone)),
  });
  return {
    client,
    opened: () =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!line || !isReached()) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
      }),
    close() {
      page.removeEventListener('message', onMessage);
      leave();
      drop();
    },
  };
}
