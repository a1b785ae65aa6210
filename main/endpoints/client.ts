import { createORPCClient, ORPCError } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { contract } from '../../preload/contract/contract.ts';
import { type Problem, ProblemError, problemSchema } from '../../preload/contract/problem.ts';

/** The contract as typed calls, whichever door they go through. */
export type Client = ContractRouterClient<typeof contract>;

/** A client that ends with its door: `close` lets go of the transport. */
export interface Connection {
  readonly client: Client;
  /** Rejects with `core-gone` when the core's process ends under a client; never settles for a core in this process. */
  readonly gone: Promise<never>;
  close(): void | Promise<void>;
}

/** Where a WebSocket finds the core that listens on a local socket. */
export const localAddress = (socket: string): string => `ws+unix:${socket}:/`;

/** Connects to a running core on its local socket; undefined where nobody listens. Waits at most `timeoutMs`. */
export async function connectLocalSocket(socket: string, timeoutMs = 2000): Promise<Connection | undefined> {
  const websocket = new WebSocket(localAddress(socket), { handshakeTimeout: timeoutMs, perMessageDeflate: false });
  const opened = await new Promise<boolean>((resolve) => {
    websocket.once('open', () => resolve(true));
    websocket.once('error', () => resolve(false));
  });
  if (!opened) return undefined;
  const { promise: gone, reject } = Promise.withResolvers<never>();
  gone.catch(() => {});
  websocket.on('error', () => {});
  websocket.once('close', () => reject(new ProblemError(coreGone)));
  // The browser's WebSocket type and ws's differ in their event types only; the link uses what both have.
  const link = new RPCLink({ websocket: websocket as unknown as globalThis.WebSocket });
  return { client: createORPCClient(link), gone, close: () => websocket.close() };
}

export const coreGone: Problem = {
  code: 'core-gone',
  message: 'The running core ended before it answered.',
  hint: 'See where things are: mirrorfleet status',
  retryable: true,
};

/** What the contract's validation says of arguments that do not fit. */
const issuesSchema = z.object({
  issues: z.array(z.object({ message: z.string(), path: z.array(z.union([z.string(), z.number()])).optional() })),
});

/** The Problem inside an error that a client call threw, or undefined for a bug. */
export function problemIn(error: unknown): Problem | undefined {
  if (error instanceof ProblemError) return error.problem;
  if (!(error instanceof ORPCError)) return undefined;
  if (error.code === 'BAD_REQUEST') return inputProblem(error.data);
  if (error.code !== 'PROBLEM') return undefined;
  const read = problemSchema.safeParse(error.data);
  return read.success ? read.data : undefined;
}

function inputProblem(data: unknown): Problem | undefined {
  const read = issuesSchema.safeParse(data);
  if (!read.success) return undefined;
  const said = read.data.issues.map(({ message, path }) => `${path?.join('.') ?? ''}: ${message}`);
  return {
    code: 'input-invalid',
    message: `That does not fit: ${said.join('; ')}. Nothing was done.`,
    hint: 'Add --help for the words and examples.',
    retryable: false,
  };
}
