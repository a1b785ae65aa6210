import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Machine } from '../lab/lab.ts';

const iconSchema = z.object({ width: z.number(), height: z.number(), argb: z.base64() });
const itemSchema = z.object({
  owner: z.string(),
  service: z.string(),
  status: z.string().nullable(),
  toolTip: z.string(),
  icons: z.array(iconSchema),
});
const entrySchema = z.object({
  number: z.number(),
  label: z.string(),
  kind: z.enum(['standard', 'separator']),
  enabled: z.boolean(),
  visible: z.boolean(),
  toggle: z.enum(['', 'radio', 'checkmark']),
  checked: z.boolean(),
  get entries() {
    return z.array(entrySchema);
  },
});
const notificationSchema = z.object({
  number: z.number(),
  summary: z.string(),
  body: z.string(),
  /** The words of each action by its key; `default` is a click on the notification itself. */
  actions: z.record(z.string(), z.string()),
  open: z.boolean(),
});
const lineSchema = z.union([
  z.object({ event: z.literal('ready'), address: z.string() }),
  z.object({ event: z.string() }),
  z.object({ id: z.number(), answer: z.unknown() }),
  z.object({ id: z.number(), error: z.string() }),
]);

/** A picture as a tray hands it to the panel: four bytes a pixel, alpha first. */
export type IconPixmap = z.infer<typeof iconSchema>;
/** An app's place in the panel. */
export type TrayItem = z.infer<typeof itemSchema>;
/** One line of a tray's menu. */
export type MenuEntry = z.infer<typeof entrySchema>;
export type ShownNotification = z.infer<typeof notificationSchema>;

/** Who waits for which answer. */
type Answers = Map<number, (line: { answer?: unknown; error?: string }) => void>;

/** The session bus of a person's desktop, with a panel and a notification service that the test looks at and acts for. */
export class SessionBus {
  /** What programs of this session have as DBUS_SESSION_BUS_ADDRESS. */
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #waiting: Answers;
  #asked = 0;

  private constructor(child: ChildProcess, address: string, waiting: Answers) {
    this.#child = child;
    this.address = address;
    this.#waiting = waiting;
  }

  /** Starts the bus as dev; without a `panel` no tray has a place. */
  static async start(laptop: Machine, panel: boolean): Promise<SessionBus> {
    const here = import.meta.dirname;
    // Debian's own Python: another one of this computer does not find Debian's modules.
    const services = ['/usr/bin/python3', join(here, 'session-bus.py'), ...(panel ? [] : ['--no-panel'])];
    const bus = ['dbus-run-session', '--config-file', join(here, 'session-bus.conf'), '--', ...services];
    const child = laptop.spawn(bus, { user: 'dev' });
    let complaints = '';
    child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    if (child.stdout === null) throw new Error('the session bus has no output');
    const waiting: Answers = new Map();
    const address = await new Promise<string>((found, fail) => {
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (text) => {
        const line = lineSchema.parse(JSON.parse(text));
        if ('id' in line) {
          waiting.get(line.id)?.(line);
          waiting.delete(line.id);
        } else if ('address' in line) found(line.address);
      });
      child.once('close', () => {
        fail(new Error(`no session bus: ${complaints}`));
        for (const answer of waiting.values()) answer({ error: `the session bus ended: ${complaints}` });
      });
    });
    return new SessionBus(child, address, waiting);
  }

  /** The trays in the panel. */
  async items(): Promise<readonly TrayItem[]> {
    return z.array(itemSchema).parse(await this.#ask({ do: 'items' }));
  }

  /** A tray's menu as it is now. */
  async menu({ owner }: TrayItem): Promise<readonly MenuEntry[]> {
    return z.array(entrySchema).parse(await this.#ask({ do: 'menu', owner }));
  }

  /** Clicks an entry of a tray's menu. */
  async press({ owner }: TrayItem, { number }: MenuEntry): Promise<void> {
    await this.#ask({ do: 'press', owner, number });
  }

  /** Clicks the tray's icon itself. */
  async activate({ owner }: TrayItem): Promise<void> {
    await this.#ask({ do: 'activate', owner });
  }

  /** Every notification of this session so far, oldest first. */
  async notifications(): Promise<readonly ShownNotification[]> {
    return z.array(notificationSchema).parse(await this.#ask({ do: 'notifications' }));
  }

  /** Chooses an action of a notification. */
  async act({ number }: ShownNotification, key: string): Promise<void> {
    await this.#ask({ do: 'act', number, key });
  }

  /** The panel appears or goes away while the session runs, as it does when a shell extension is switched. */
  async setPanel(there: boolean): Promise<void> {
    await this.#ask({ do: 'panel', there });
  }

  /** Logs out: the bus and all that only lives on it ends. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'close');
    this.#child.stdin?.end();
    await gone;
  }

  async #ask(question: Readonly<Record<string, unknown>>): Promise<unknown> {
    this.#asked += 1;
    const id = this.#asked;
    const line = await new Promise<{ answer?: unknown; error?: string }>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.stdin?.write(`${JSON.stringify({ id, ...question })}\n`);
    });
    if (line.error !== undefined) throw new Error(line.error);
    return line.answer;
  }
}
