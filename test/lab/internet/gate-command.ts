import type { Fault } from './faults.ts';
import type { RequestFilter } from './request-log.ts';
import type { CutMode } from './tls-door.ts';
import type { UpstreamName } from './upstreams.ts';

/** What can be asked of a running gate, as JSON over its socket. */
export type GateCommand =
  | { readonly ask: 'fault'; readonly upstream: UpstreamName; readonly fault: Fault }
  | { readonly ask: 'clear'; readonly upstream?: UpstreamName | undefined }
  | { readonly ask: 'requests'; readonly filter: RequestFilter }
  | { readonly ask: 'reset requests' }
  | { readonly ask: 'set quota'; readonly source: string; readonly remaining: number }
  | { readonly ask: 'set account'; readonly upstream: UpstreamName; readonly user: string; readonly password: string }
  | { readonly ask: 'cut'; readonly upstream: UpstreamName; readonly mode: CutMode }
  | { readonly ask: 'restore'; readonly upstream?: UpstreamName | undefined };

/** The file name of the control socket inside the internet's folder. */
export const gateSocket = 'gate.sock';
