import { EventEmitter } from 'node:events';
import type { App, Session, WebContents } from 'electron';
import { lockApp, lockSession } from '../../../main/shell/locked-down.ts';

/** Electron's app, session and one webContents as far as they are locked: what was set on them, and events that can be sent to them. */
export function locked() {
  const refused: string[] = [];
  const told = (what: string): void => void refused.push(what);
  const app = Object.assign(new EventEmitter(), { sandboxed: false, enableSandbox: () => void (app.sandboxed = true) });
  const contents = Object.assign(new EventEmitter(), {
    openWindow: undefined as undefined | ((details: object) => { action: string }),
    setWindowOpenHandler: (handler: (details: object) => { action: string }) => void (contents.openWindow = handler),
  });
  const set: Record<string, unknown> = {};
  const setter = (name: string) => (value: unknown) => void (set[name] = value);
  const session = Object.assign(new EventEmitter(), {
    setPermissionRequestHandler: setter('request'),
    setPermissionCheckHandler: setter('check'),
    setDevicePermissionHandler: setter('device'),
    setDisplayMediaRequestHandler: setter('display'),
    setSpellCheckerEnabled: setter('spelling'),
    webRequest: { onBeforeRequest: setter('web') },
  });
  lockApp(app as unknown as App, told);
  lockSession(session as unknown as Session, told);
  app.emit('web-contents-created', {}, contents as unknown as WebContents);
  return { app, contents, session, set, refused };
}

/** Sends an event and says whether it was prevented. */
export function prevented(emitter: EventEmitter, name: string, ...rest: unknown[]): boolean {
  let stopped = false;
  emitter.emit(name, { preventDefault: () => (stopped = true) }, ...rest);
  return stopped;
}
