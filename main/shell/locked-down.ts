import type { App, Event, Session, WebContents } from 'electron';
import { isPage, pageOrigin } from './page-files.ts';

/** Told of what was refused, in a word; never with an address in it. */
export type Refused = (what: string) => void;

/** Refuses, for every webContents there ever is, all that our one page never needs. Before the app is ready. */
export function lockApp(app: App, refused: Refused): void {
  const never = (what: string) => (event: Pick<Event, 'preventDefault'>) => {
    event.preventDefault();
    refused(what);
  };
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => lockContents(contents, refused));
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, callback) => {
    never('certificate')(event);
    callback(false);
  });
  app.on('select-client-certificate', never('client certificate'));
  app.on('login', never('login'));
}

function lockContents(contents: WebContents, refused: Refused): void {
  const never = (what: string) => (event: Pick<Event, 'preventDefault'>) => {
    event.preventDefault();
    refused(what);
  };
  // The page may begin anew (its own button after a fault), but nothing else may take its place.
  contents.on('will-navigate', (event, address) => {
    if (!isPage(address)) never('navigation')(event);
  });
  // There are no frames in it. Electron before 24 does not ask; the policy's `default-src` refuses them there.
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame) never('frame')(event);
  });
  contents.on('will-redirect', never('redirect'));
  contents.on('will-attach-webview', never('webview'));
  contents.on('select-bluetooth-device', never('bluetooth'));
  contents.setWindowOpenHandler(() => {
    refused('window');
    return { action: 'deny' };
  });
}

/** Refuses in one session every permission, device, download and request that is not for our own pages. */
export function lockSession(session: Session, refused: Refused): void {
  const never = (what: string) => (event: Pick<Event, 'preventDefault'>) => {
    event.preventDefault();
    refused(what);
  };
  session.setPermissionRequestHandler((_contents, permission, callback) => {
    refused(permission);
    callback(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  // Without a handler, what the page asks to capture is refused; Electron 22 and later know it.
  session.setDisplayMediaRequestHandler(null);
  session.on('will-download', never('download'));
  session.on('select-hid-device', never('hid'));
  session.on('select-serial-port', never('serial'));
  session.on('select-usb-device', never('usb'));
  session.setSpellCheckerEnabled(false);
  session.webRequest.onBeforeRequest((request, callback) => {
    const cancel = !isOurs(request.url);
    if (cancel) refused('request');
    callback({ cancel });
  });
}

/** Whether a request stays within this app: our pages, pictures that stand in the page itself, and Chromium's own tools in development. */
export function isOurs(address: string): boolean {
  return [`${pageOrigin}/`, 'data:', 'devtools://'].some((own) => address.startsWith(own));
}
