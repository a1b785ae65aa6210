import { join } from 'node:path';
import { app, dialog, powerMonitor } from 'electron';
import { assertNever } from '../../preload/contract/assert-never.ts';
import type { Language } from '../../preload/contract/language.ts';
import { problemOf } from '../../preload/contract/problem.ts';
import { startUnderNode } from './core-child.ts';
import { type CoreLink, createCoreLink } from './core-link.ts';
import { createTray } from './create-tray.ts';
import { linkAmong } from './deep-link.ts';
import { showWithoutTray } from './hidden-start.ts';
import { startsHidden } from './login-item.ts';
import { showNotice } from './notification-surface.ts';
import { startNotifications } from './notifications.ts';
import { askToQuit, endedByQuitting, Quitting, quitQuestion } from './quitting.ts';
import { createShellLog, type ShellLog } from './shell-log.ts';
import type { ShellOptions } from './shell-options.ts';
import { wordsFor } from './shell-words.ts';
import { type TrayHost, watchTrayHost } from './status-notifier.ts';
import type { AppTray } from './tray.ts';
import type { ShellAction } from './tray-action.ts';
import { startUtility } from './utility-child.ts';
import { confineApp, createWindowSide, type WindowSide } from './window-side.ts';

/** Builds every part of the desktop app by hand, in order, and lets go of them in the opposite one. */
export function runShell(options: ShellOptions): void {
  const log = createShellLog(options.coreLog);
  confineApp(options.userData, log);
  if (!app.requestSingleInstanceLock()) return app.quit();
  // macOS hands over a link before the app is ready.
  let early: string | undefined;
  app.once('open-url', (event, address) => {
    event.preventDefault();
    early = address;
  });
  app
    .whenReady()
    .then(() => build(early === undefined ? options : { ...options, args: [early] }, log))
    .catch((error: unknown) => giveUp(error, log));
}

function build(options: ShellOptions, log: ShellLog): void {
  const { socket, coreLog, core, args } = options;
  const link = createCoreLink({
    socket,
    coreLog,
    log,
    start: () =>
      core.kind === 'node'
        ? startUnderNode(core.program, core.module, join(options.userData, 'compiled'))
        : startUtility(core.module),
  });
  const host = watchTrayHost(process.platform);
  const side = createWindowSide({
    options,
    link,
    log,
    tray: () => host.there(),
    closed: () => {
      if (!host.there()) app.quit();
    },
    quit: () => app.quit(),
  });
  const { window } = side;
  const language = (): Language => side.language();
  const tray = createTray({ icons: options.icons, host, link, language, act: (action) => act(action, link, side) });
  const hush = startNotifications({
    link,
    language,
    wanted: () => side.preferences.get().notifications,
    watched: () => window.isFocused(),
    show: showNotice,
    act: (action) => tray.act(action),
  });
  const quitting = new Quitting({
    quit: () => app.quit(),
    async mayQuit() {
      const tasks = endedByQuitting(link);
      if (tasks.length === 0 || (await askToQuit(dialog, quitQuestion(tasks, language(), wordsFor(language())))))
        return true;
      // Closing the window asked, and without a tray nothing else is left to see of what keeps running.
      if (!host.there()) window.show();
      return false;
    },
    async letGo() {
      hush();
      window.close();
      tray.close();
      host.close();
      await link.close();
    },
  });
  follow({ link, side, tray, host });
  listen(quitting, side);
  if (startsHidden(args, process.platform, app)) {
    window.prepare();
    const stop = showWithoutTray(host, () => window.show());
    app.once('will-quit', stop);
  } else open(side, args);
}

/** What the tray cannot do by itself. */
function act(action: ShellAction, link: CoreLink, side: WindowSide): void {
  switch (action.kind) {
    case 'open':
      return side.window.show(action.hash);
    case 'show-log':
      // Where the system has nothing to show it with, nothing is shown.
      return void side.reveal('core-log').catch(() => {});
    case 'start-core':
      return link.retry();
    case 'quit':
      return app.quit();
    default:
      return assertNever(action);
  }
}

/** Each part hears of what the others know. */
function follow({
  link,
  side,
  tray,
  host,
}: Readonly<{ link: CoreLink; side: WindowSide; tray: AppTray; host: TrayHost }>): void {
  link.onReached(() => side.window.newPort());
  let told = link.state();
  link.subscribe(() => {
    // Of the snapshot's changes the page hears by its own line.
    if (link.state() === told) return;
    told = link.state();
    side.tell();
  });
  host.subscribe(() => side.tell());
  side.preferences.subscribe(() => tray.update());
}

/** What the system and other starts of the app ask for. */
function listen(quitting: Quitting, side: WindowSide): void {
  app.on('second-instance', (_event, line) => open(side, line));
  app.on('open-url', (event, address) => {
    event.preventDefault();
    side.openAddress(address);
  });
  app.on('activate', () => side.window.show());
  // The app lives as long as its tray does, not its window.
  app.on('window-all-closed', () => {});
  app.on('before-quit', quitting.beforeQuit);
  // Electron takes the place of whoever listened before it was ready (of ours, the library that writes the preferences), and would ask.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeAllListeners(signal);
    process.on(signal, quitting.now);
  }
  powerMonitor.on('shutdown', quitting.now);
  app.on('browser-window-created', (_event, window) => window.on('session-end', quitting.now));
}

/** A start shows the window, or the place that its link names. */
function open(side: WindowSide, line: readonly string[]): void {
  const address = linkAmong(line);
  if (address === undefined) side.window.show();
  else side.openAddress(address);
}

/** Without its own files the app cannot show anything but that. */
function giveUp(error: unknown, log: ShellLog): void {
  const { code, message, hint } = problemOf(error);
  log('error', 'The app did not start.', { code, error: error instanceof Error ? error.stack : String(error) });
  dialog.showErrorBox('Mirrorfleet', `${message}\n${hint}`);
  app.exit(1);
}
