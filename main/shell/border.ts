import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import { z } from 'zod';
import { fail } from '../../preload/contract/problem.ts';
import {
  preferencesPartSchema,
  type PreferencesPart,
  type Reveal,
  revealSchema,
  type ShellState,
} from '../../preload/contract/shell.ts';
import { shellChannels } from '../../preload/contract/shell-channels.ts';
import { isPage } from './page-files.ts';

/** What a page may ask of the shell. Every argument was checked before it comes here. */
export interface BorderOptions {
  readonly ipcMain: Pick<IpcMain, 'handle' | 'on'>;
  /** The webContents of our window; undefined while there is none. */
  readonly ours: () => WebContents | undefined;
  readonly prefer: (part: PreferencesPart) => ShellState;
  readonly reveal: (what: Reveal) => Promise<void>;
  readonly copy: (text: string) => Promise<void>;
  readonly openLink: (address: string) => Promise<void>;
  readonly startCore: () => void;
  readonly connect: () => void;
  /** Told of every refusal: the channel and why, never what was sent. */
  readonly refused: (channel: string, why: 'sender' | 'arguments') => void;
}

/** A text longer than this (8 MB as UTF-16) is no line that anyone copies. */
const longestCopy = 4 * 1024 * 1024;
const nothing = z.undefined();
const copySchema = z.string().max(longestCopy);
const linkSchema = z.string().max(2000);

/** Serves the window's channels: the sender must be the main frame of our window showing our page, and one argument of the right shape. */
export function serveBorder(options: BorderOptions): void {
  const { ipcMain, refused } = options;
  const admits = (channel: string, event: IpcMainEvent | IpcMainInvokeEvent): boolean => {
    const own = isOwnPage(event, options.ours());
    if (!own) refused(channel, 'sender');
    return own;
  };
  function serve<Asked>(channel: string, schema: z.ZodType<Asked>, answer: (asked: Asked) => unknown): void {
    ipcMain.handle(channel, async (event, ...sent: unknown[]) => {
      if (!admits(channel, event)) return refuse();
      const asked = sent.length <= 1 ? schema.safeParse(sent[0]) : undefined;
      if (asked?.success) return answer(asked.data);
      refused(channel, 'arguments');
      return refuse();
    });
  }
  serve(shellChannels.prefer, preferencesPartSchema.strict(), options.prefer);
  serve(shellChannels.reveal, revealSchema, options.reveal);
  serve(shellChannels.copy, copySchema, options.copy);
  serve(shellChannels.openLink, linkSchema, options.openLink);
  serve(shellChannels.startCore, nothing, options.startCore);
  ipcMain.on(shellChannels.connect, (event) => {
    if (admits(shellChannels.connect, event)) options.connect();
  });
}

/** Whether a message comes from our window's main frame, and that shows our page. A frame that is gone is nobody's. */
export function isOwnPage(event: Pick<IpcMainEvent, 'sender' | 'senderFrame'>, ours: WebContents | undefined): boolean {
  const frame = event.senderFrame;
  return ours !== undefined && event.sender === ours && !!frame && frame.parent === null && isPage(frame.url);
}

function refuse(): never {
  return fail({
    code: 'shell-call-refused',
    message: 'The window asked the app for something in a way that it does not answer; nothing was done.',
    hint: 'This is a fault in Mirrorfleet. Please report it.',
  });
}
