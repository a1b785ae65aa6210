import { app } from 'electron';

/**
 * A test that looks in must be there before the first window is made: Playwright waits in vain for a page that appears while it connects. So an
 * app that is started with a debugger's port begins only when Playwright says so, by the name that it calls.
 */
if (process.argv.some((word) => word.startsWith('--inspect='))) {
  const ready = app.whenReady();
  let watched = false;
  app.isReady = () => watched;
  app.whenReady = () =>
    new Promise((begin) => {
      Object.assign(globalThis, {
        __playwright_run: async () => {
          await ready;
          watched = true;
          begin();
        },
      });
    });
}
