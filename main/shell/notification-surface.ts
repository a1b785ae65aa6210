import { Notification } from 'electron';
import type { NoticeText } from './notice-words.ts';
import type { TrayAction } from './tray-action.ts';

/** Those that are shown: one that is collected as garbage tells of no click. Only the last few can still be clicked. */
const shown: Notification[] = [];
const kept = 20;

/** Shows a notice by the system. The button is there where the system has any; a click on the rest leads to the place with the same way out. */
export function showNotice({ title, body, way, click }: NoticeText, act: (action: TrayAction) => void): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({
    title,
    body,
    ...(way ? { actions: [{ type: 'button' as const, text: way.label }] } : {}),
  });
  notification.on('click', () => act(click));
  notification.on('action', () => {
    if (way) act(way.action);
  });
  shown.push(notification);
  if (shown.length > kept) shown.shift();
  notification.show();
}
