import './node16-globals.ts';
import type { Api } from '../../main/api.ts';
import { serveLocalSocket } from '../../main/endpoints/local-socket.ts';
import { createPortServer } from '../../main/endpoints/message-port.ts';
import type { PortEnd } from '../../main/endpoints/port-end.ts';
import { createRouter } from '../../main/endpoints/router.ts';
import { LiveState } from '../../main/live-state.ts';
import { silentLog } from '../../main/log/log.ts';
import { pathsOf } from '../../main/store/paths.ts';

/**
 * A core small enough for Electron 22's own Node, so that the way of the package can be seen there: a utility process that takes the ports
 * of windows. Its snapshot has one node, which is called after the way it was asked: `by-port` or `by-socket`.
 */
function router(way: string): ReturnType<typeof createRouter> {
  const live = new LiveState('0.1.0', String(process.pid));
  const place = { kind: 'ssh', address: `${way}.test`, port: 443 } as const;
  live.apply({ kind: 'node', node: { name: way, ...place, state: 'unknown', applied: false, mirrors: [] } });
  const api = { snapshot: () => live.snapshot, subscribe: live.subscribe.bind(live) };
  return createRouter(api as unknown as Api, silentLog);
}

interface ParentPort {
  on(event: 'message', listener: (event: { data: { kind: string }; ports: readonly PortEnd[] }) => void): unknown;
  postMessage(message: unknown): void;
}
const { parentPort } = process as unknown as { parentPort: ParentPort };
const { socket } = pathsOf(process.env, process.platform, '');
const ports = createPortServer(router('by-port'), silentLog);
parentPort.on('message', ({ data, ports: given }) => {
  if (data.kind === 'end') process.exit();
  for (const port of given) ports.serve(port);
});
void serveLocalSocket(socket, router('by-socket'), silentLog, () => Promise.resolve('')).then(() =>
  parentPort.postMessage({ kind: 'serving' }),
);
