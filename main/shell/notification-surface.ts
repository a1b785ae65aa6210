import { Notification } from 'electron';
import type { NoticeText } from './notice-words.ts';
import type { TrayAction } from './tray-action.ts';

/** Those that are shown: one that is collected as garbage tells of no click. Only the last few can still be clicked. */
const shown: Notification[] = [];
const kept = 20;

/**
 * Shows a notice by the system. On macOS and Windows its way out is a button; on Linux Electron shows none, so the text names the way that a
 * click opens.
 */
export function showNotice({ title, body, way, click }: NoticeText, act: (action: TrayAction) => void): void {
  if (!Notification.isSupported()) return;
  const buttons = process.platform !== 'linux';
  const notification = new Notification({
    title,
    body: way && !buttons ? [body, `→ ${way.label}`].filter((line) => line !== '').join('\n') : body,
    ...(way && buttons ? { actions: [{ type: 'button' as const, text: way.label }] } : {}),
  });
  notification.on('click', () => act(click));
  notification.on('action', () => {
    if (way) act(way.action);
  });
  shown.push(notification);
  if (shown.length > kept) shown.shift();
  notification.show();
}
