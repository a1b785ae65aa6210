import type { Language } from '../../preload/contract/language.ts';
import type { CoreLink } from './core-link.ts';
import { type NoticeMemory, noticesOf } from './notices.ts';
import { noticeText, type NoticeText } from './notice-words.ts';
import { wordsFor } from './shell-words.ts';
import type { TrayAction } from './tray-action.ts';

export interface NotificationsOptions {
  readonly link: Pick<CoreLink, 'state' | 'snapshot' | 'subscribe'>;
  readonly language: () => Language;
  /** Whether the person wants to be told. What happens meanwhile is not told later. */
  readonly wanted: () => boolean;
  /** Whether a window is open and before everything else. */
  readonly watched: () => boolean;
  /** Shows one; calls back with what is asked for by its button or by a click on it. */
  readonly show: (text: NoticeText, act: (action: TrayAction) => void) => void;
  readonly act: (action: TrayAction) => void;
}

/** Something that was told too lately is told at the end of its time, so it is looked at without news too; in ms. */
const lookMs = 60_000;

/** Tells of changes that came by themselves; `notices.ts` decides which. */
export function startNotifications(options: NotificationsOptions): () => void {
  const { link, show, act } = options;
  let memory: NoticeMemory | undefined;
  const look = (): void => {
    const language = options.language();
    const now = Date.now();
    const news = noticesOf(memory, { snapshot: link.snapshot(), core: link.state(), now, watched: options.watched() });
    memory = news.memory;
    if (!options.wanted()) return;
    for (const notice of news.notices) show(noticeText(notice, { language, words: wordsFor(language) }), act);
  };
  const leave = link.subscribe(look);
  const timer = setInterval(look, lookMs);
  timer.unref();
  return () => {
    leave();
    clearInterval(timer);
  };
}
