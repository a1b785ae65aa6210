import { createORPCClient, ORPCError } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { createRouterClient } from '@orpc/server';
import { WebSocket } from 'ws';
import type { contract } from '../../preload/contract/contract.ts';
import { ProblemError, problemSchema } from '../../preload/contract/problem.ts';
import type { Router } from './router.ts';

/** The contract as typed calls, whichever door they go through. */
export type Client = ContractRouterClient<typeof contract>;

/** A client that ends with its door: `close` lets go of the transport. */
export interface Connection {
  readonly client: Client;
  close(): void | Promise<void>;
}

/** Calls into a core that lives in this process (the command line without a running core, tests). */
export function connectInProcess(router: Router): Connection {
  return { client: createRouterClient(router), close() {} };
}

/** Connects to a running core on its local socket; undefined where nobody listens. Waits at most `timeoutMs`. */
export async function connectLocalSocket(socket: string, timeoutMs = 2000): Promise<Connection | undefined> {
  const websocket = new WebSocket(`ws+unix:${socket}:/`, { handshakeTimeout: timeoutMs, perMessageDeflate: false });
  const opened = await new Promise<boolean>((resolve) => {
    websocket.once('open', () => resolve(true));
    websocket.once('error', () => resolve(false));
  });
  if (!opened) return undefined;
  // The browser's WebSocket type and ws's differ in their event types only; the link uses what both have.
  const link = new RPCLink({ websocket: websocket as unknown as globalThis.WebSocket });
  return { client: createORPCClient(link), close: () => websocket.close() };
}

/** The Problem inside an error that a client call threw, or undefined for a bug. */
export function problemIn(error: unknown): ProblemError['problem'] | undefined {
  if (error instanceof ProblemError) return error.problem;
  if (!(error instanceof ORPCError) || error.code !== 'PROBLEM') return undefined;
  const read = problemSchema.safeParse(error.data);
  return read.success ? read.data : undefined;
}
