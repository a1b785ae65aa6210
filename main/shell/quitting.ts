import type { Dialog, Event } from 'electron';
import type { Language } from '../../preload/contract/language.ts';
import type { Task } from '../../preload/contract/task.ts';
import type { CoreLink } from './core-link.ts';
import { taskTitle, type Words } from './shell-words.ts';

/** The running jobs that would be asked to stop with the app: those of its own core. A core that somebody else started keeps running. Pure. */
export function endedByQuitting(link: Pick<CoreLink, 'state' | 'snapshot'>): readonly Task[] {
  const { state, own } = link.state();
  if (state !== 'running' || !own) return [];
  return link.snapshot()?.tasks.filter((task) => task.state === 'running') ?? [];
}

/** What a person is asked before jobs are stopped. The answer that changes nothing comes first, and is what Esc and closing mean. */
export interface QuitQuestion {
  readonly message: string;
  readonly detail: string;
  readonly keep: string;
  readonly stop: string;
}

export function quitQuestion(tasks: readonly Task[], language: Language, words: Words<'desktop'>): QuitQuestion {
  const [first] = tasks;
  const message =
    first && tasks.length === 1
      ? words('quit-task', { task: taskTitle(first, language) })
      : words('quit-tasks', { count: tasks.length });
  const names = tasks.length > 1 ? tasks.map((task) => `• ${taskTitle(task, language)}\n`).join('') : '';
  return { message, detail: `${names}${words('quit-detail')}`, keep: words('quit-keep'), stop: words('quit-stop') };
}

/** Asks on the screen; true is to stop and quit. */
export async function askToQuit(
  dialog: Pick<Dialog, 'showMessageBox'>,
  { message, detail, keep, stop }: QuitQuestion,
): Promise<boolean> {
  const buttons = [keep, stop];
  const answer = await dialog.showMessageBox({
    type: 'question',
    message,
    detail,
    buttons,
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  return answer.response === 1;
}

export interface QuittingOptions {
  /** Electron's own end of the app; each call comes back as `before-quit`. */
  readonly quit: () => void;
  /** Whether the app may end now; asks the person where something would be broken off. */
  readonly mayQuit: () => Promise<boolean>;
  /** Lets go of everything, in order. */
  readonly letGo: () => Promise<void>;
}

/** The way out: asks once where that is needed, lets go in order, then ends, however often and by whatever it was asked to. */
export class Quitting {
  readonly #options: QuittingOptions;
  #state: 'running' | 'asking' | 'letting-go' | 'over' = 'running';

  constructor(options: QuittingOptions) {
    this.#options = options;
  }

  /** Whether everything is being let go of; nothing is put away for later then. */
  underWay(): boolean {
    return this.#state === 'letting-go' || this.#state === 'over';
  }

  /** Electron asks before it quits: held back until everything was let go of. */
  readonly beforeQuit = (event: Pick<Event, 'preventDefault'>): void => {
    if (this.#state === 'over') return;
    event.preventDefault();
    if (this.#state === 'running') void this.#ask();
  };

  /** The system is going down or this user logs out: there is nobody to ask and not much time. */
  readonly now = (): void => {
    if (!this.underWay()) void this.#letGo();
  };

  async #ask(): Promise<void> {
    this.#state = 'asking';
    const may = await this.#options.mayQuit().catch(() => true);
    if (this.underWay()) return;
    this.#state = 'running';
    if (may) await this.#letGo();
  }

  async #letGo(): Promise<void> {
    this.#state = 'letting-go';
    try {
      await this.#options.letGo();
    } finally {
      this.#state = 'over';
      this.#options.quit();
    }
  }
}
