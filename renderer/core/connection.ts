import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import ReconnectingWebSocket from 'partysocket/ws';
import { ProblemError, problemOf } from '../../preload/contract/problem-error.ts';
import type { Client, Connection } from './client.ts';
import { sessionEnded } from './problems.ts';
import { enter, forgetSession } from './session.ts';

/** The protocol's name in the handshake; the session travels beside it and is never sent back. */
export const protocolName = 'mirrorfleet.v1';

/** With this code the core closes a socket whose session it does not know; trying again would not help. */
export const sessionUnknownCode = 4401;

/**
 * Reaches the core over the WebSocket of the address that the page came from, and again whenever that breaks (after 0.2 to 5 s).
 * Calls made meanwhile reject at once: nothing waits in a queue to be carried out later.
 */
export function openConnection(page: Window & typeof globalThis): Connection {
  const session = enter({
    location: page.location,
    history: page.history,
    sessionStorage: page.sessionStorage,
    fetch: (path, init) => page.fetch(path, init),
  });
  let refused = false;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const refuse = (): void => {
    refused = true;
    socket.close();
    tell();
  };
  const socket = new ReconnectingWebSocket(
    `${page.location.protocol === 'https:' ? 'wss' : 'ws'}://${page.location.host}/rpc`,
    async () => {
      try {
        return [protocolName, `session.${await session()}`];
      } catch (error) {
        if (problemOf(error).code === sessionEnded.code) refuse();
        throw error;
      }
    },
    {
      minReconnectionDelay: 200,
      maxReconnectionDelay: 5000,
      maxEnqueuedMessages: 0,
      shouldReconnectOnClose: (event) => event.code !== sessionUnknownCode,
    },
  );
  socket.addEventListener('open', tell);
  socket.addEventListener('close', (event) => {
    if (event.code !== sessionUnknownCode) return;
    forgetSession(page);
    refuse();
  });
  // The library's socket is a WebSocket in all but its events' types; the link uses what both have.
  const link = new RPCLink({ websocket: socket as unknown as WebSocket });
  return {
    client: createORPCClient<Client>(link),
    opened: () =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!refused && socket.readyState !== socket.OPEN) return;
          listeners.delete(look);
          if (refused) reject(new ProblemError(sessionEnded));
          else resolve();
        };
        listeners.add(look);
        look();
      }),
    close: () => socket.close(),
  };
}
