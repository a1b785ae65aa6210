import type { Api } from '../../../main/api.ts';
import { serveLocalSocket } from '../../../main/endpoints/local-socket.ts';
import { createRouter } from '../../../main/endpoints/router.ts';
import { LiveState } from '../../../main/live-state.ts';
import { silentLog } from '../../../main/log/log.ts';

/** A core with nothing in it but its snapshot, which says in `who` what served it. Returns the function that ends it. */
export function serveSmallCore(socket: string, who: string): Promise<() => Promise<void>> {
  const live = new LiveState('7.7.7', who);
  // All of an Api that anybody asks this core for; the whole one takes a second to load.
  const api = { snapshot: () => live.snapshot, subscribe: live.subscribe.bind(live) } as unknown as Api;
  return serveLocalSocket(socket, createRouter(api, silentLog), silentLog, () => Promise.resolve(''));
}
