import { expect, test } from 'vitest';
import { isOurs } from '../../../main/shell/locked-down.ts';
import { locked, prevented } from './lock.ts';

test('the page may begin anew; it may go nowhere else, in no frame and by no redirect', () => {
  const { contents, refused } = locked();
  expect(prevented(contents, 'will-navigate', 'mirrorfleet-app://pages/#/cache')).toBe(false);
  for (const address of [
    'https://example.com/',
    'file:///etc/passwd',
    'mirrorfleet-app://pages/assets/x.js',
    'data:text/html,x',
    'javascript:1',
    'about:blank',
  ])
    expect([address, prevented(contents, 'will-navigate', address)]).toEqual([address, true]);
  expect(prevented(contents, 'will-frame-navigate')).toBe(true);
  expect(prevented(contents, 'will-redirect', 'mirrorfleet-app://pages/')).toBe(true);
  expect(refused).not.toContain('https://example.com/');
});

test('no window, no webview, no device, no download and no login is granted', () => {
  const { app, contents, session } = locked();
  expect(contents.openWindow?.({ url: 'mirrorfleet-app://pages/' })).toEqual({ action: 'deny' });
  for (const each of ['will-attach-webview', 'select-bluetooth-device'])
    expect([each, prevented(contents, each)]).toEqual([each, true]);
  for (const each of ['will-download', 'select-hid-device', 'select-serial-port', 'select-usb-device'])
    expect([each, prevented(session, each)]).toEqual([each, true]);
  for (const each of ['login', 'select-client-certificate']) expect([each, prevented(app, each)]).toEqual([each, true]);
});

test('a certificate that does not hold is not trusted', () => {
  const { app } = locked();
  const trusted: boolean[] = [];
  const answer = (trust: boolean): void => void trusted.push(trust);
  expect(prevented(app, 'certificate-error', {}, 'https://x', 'expired', {}, answer)).toBe(true);
  expect(trusted).toEqual([false]);
});

test('nothing is asked of anyone but our own pages', () => {
  for (const address of ['mirrorfleet-app://pages/index.html', 'data:image/png;base64,AA==', 'devtools://devtools/x'])
    expect([address, isOurs(address)]).toEqual([address, true]);
  for (const address of [
    'https://example.com',
    'http://127.0.0.1:80',
    'ws://localhost',
    'file:///etc/passwd',
    'mirrorfleet-app://pages.example/',
    'blob:mirrorfleet-app://pages/x',
  ])
    expect([address, isOurs(address)]).toEqual([address, false]);
  const { set } = locked();
  const answers: unknown[] = [];
  const web = set['web'] as (request: { url: string }, callback: (answer: unknown) => void) => void;
  web({ url: 'https://example.com' }, (answer) => answers.push(answer));
  web({ url: 'mirrorfleet-app://pages/' }, (answer) => answers.push(answer));
  expect(answers).toEqual([{ cancel: true }, { cancel: false }]);
});
