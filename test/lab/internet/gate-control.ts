import { type Server, createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import type { GateCommand } from './gate-command.ts';
import type { TlsDoor } from './tls-door.ts';
import type { GateState } from './upstream-handler.ts';

/** The control interface: one POST, one command; answers with its JSON result. */
export function gateControl(state: GateState, door: TlsDoor): Server {
  return createServer((request, response) => {
    json(request)
      .then((command) => obey(state, door, command as GateCommand))
      .then((result) => response.writeHead(200).end(JSON.stringify(result ?? null)))
      .catch((cause: unknown) => response.writeHead(400).end(String(cause)));
  });
}

function obey(state: GateState, door: TlsDoor, command: GateCommand): unknown {
  switch (command.ask) {
    case 'fault':
      return state.faults.add(command.upstream, command.fault);
    case 'clear':
      return state.faults.clear(command.upstream);
    case 'requests':
      return state.log.matching(command.filter);
    case 'reset requests':
      return state.log.reset();
    case 'set quota':
      return state.quota.set(command.source, command.remaining);
    case 'set account':
      return state.accounts.set(command.upstream, command.user, command.password);
    case 'cut':
      return door.cut(command.upstream, command.mode);
    case 'restore':
      return door.restore(command.upstream);
  }
}
