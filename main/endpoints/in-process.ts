import { createRouterClient } from '@orpc/server';
import type { Connection } from './client.ts';
import type { Router } from './router.ts';

/** Calls into a core that lives in this process (the command line without a running core, tests). */
export function connectInProcess(router: Router): Connection {
  return { client: createRouterClient(router), gone: new Promise<never>(() => {}), close() {} };
}
