import { randomUUID } from 'node:crypto';
import type { ActivityEntry, ActivityInput, ActivityKind, ActivityPage } from '../../preload/contract/activity.ts';
import type { Change } from '../../preload/contract/live.ts';
import { fail, ProblemError } from '../../preload/contract/problem.ts';
import type { FileChange } from '../../preload/contract/runtime.ts';
import type { Task } from '../../preload/contract/task.ts';
import type { Intent } from '../tasks/intent.ts';
import type { TaskNews } from '../tasks/tasks.ts';
import type { Journal } from './journal.ts';
import { type JournalEntry, taskOf } from './journal-entry.ts';
import { type Standing, laterLooked, resumeVerdict, undoVerdict } from './verdict.ts';

export interface ActivityOptions {
  readonly journal: Journal;
  readonly publish: (change: Change) => void;
  readonly who: string;
  /** What is true now, but for what the journal itself knows. */
  readonly standing: Omit<Standing, 'later'>;
  readonly now?: () => number;
}

/** A change that is made at once, as the journal keeps it. */
export interface MadeChange {
  readonly kind: Exclude<ActivityKind, Task['kind']>;
  readonly subject: string;
  readonly title: string;
  readonly changes: readonly (FileChange | undefined)[];
  readonly intent?: Intent;
}

interface Offer {
  readonly subject: string;
  readonly undo: boolean;
  readonly resume: boolean;
}

/** So many offers are kept true for those who show them. */
const offersKept = 500;
/** Milliseconds between two lines about the progress of one task: what runs is told often, the journal needs it seldom. */
const progressInterval = 500;
/** So many tasks that were cut short are shown again at a start. */
const shownAtStart = 20;
const day = 24 * 60 * 60_000;

/** What happened on this computer's behalf: every task and every change, written down as it happens, and what can still be taken back. */
export class Activity {
  readonly #options: ActivityOptions;
  readonly #now: () => number;
  /** Tasks whose latest news wait to be written. */
  readonly #waiting = new Map<string, { news: TaskNews; timer: NodeJS.Timeout }>();
  readonly #told = new Map<string, TaskNews>();
  /** Lines that were shown with a way back or on, and what was offered last: where that changes, it is told. */
  readonly #offers = new Map<string, Offer>();

  constructor(options: ActivityOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** At a start: what the last core left unfinished becomes "interrupted" and is shown among the tasks, as long as something can be done about it. */
  begin(): void {
    const { journal, publish } = this.#options;
    for (const entry of journal.findInterrupted(shownAtStart)) {
      const { undo, resume } = this.#shown(entry);
      const task = taskOf(entry);
      if (task && (undo || resume)) publish({ kind: 'task', task });
    }
  }

  /** Hears every change of every task. What it changes is on disk here before this returns; progress is written now and then. */
  hear(news: TaskNews): void {
    const { task } = news;
    const before = this.#told.get(task.id);
    const urgent =
      before === undefined ||
      task.state !== 'running' ||
      news.changes !== before.changes ||
      task.outcome !== before.task.outcome ||
      task.warnings !== before.task.warnings;
    if (urgent) {
      clearTimeout(this.#waiting.get(task.id)?.timer);
      this.#waiting.delete(task.id);
      this.#write(news);
      return;
    }
    const waiting = this.#waiting.get(task.id);
    if (waiting) {
      waiting.news = news;
      return;
    }
    const timer = setTimeout(() => {
      const last = this.#waiting.get(task.id);
      this.#waiting.delete(task.id);
      if (last) this.#write(last.news);
    }, progressInterval);
    timer.unref();
    this.#waiting.set(task.id, { news, timer });
  }

  /** Writes down a change that was made at once. */
  made({ kind, subject, title, changes, intent }: MadeChange): void {
    const at = this.#now();
    this.#put(
      {
        id: randomUUID(),
        kind,
        subject,
        title,
        who: this.#options.who,
        state: 'done',
        startedAt: at,
        endedAt: at,
        steps: [],
        changes: changes.filter((change) => change !== undefined),
        outcome: undefined,
        ...(intent === undefined ? {} : { intent }),
      },
      true,
    );
  }

  list(input: ActivityInput): ActivityPage {
    const { entries, more } = this.#options.journal.page(input);
    return { entries: entries.map((entry) => this.#shown(entry)), more };
  }

  show(id: string): ActivityEntry {
    return this.#shown(this.#find(id));
  }

  /** The line of that id (or of the only one that begins so), where it can be taken back. Problems: `undo-not-exact`, `undo-outdated`. */
  undoable(id: string): JournalEntry {
    const entry = this.#find(id);
    const verdict = undoVerdict(entry, this.#standing(entry));
    if (!verdict.possible) throw new ProblemError(verdict.problem);
    return entry;
  }

  /** The line of that id, where it can be gone on with. Problem: `resume-not-possible`. */
  resumable(id: string): JournalEntry {
    const entry = this.#find(id);
    const verdict = resumeVerdict(entry, this.#standing(entry));
    if (!verdict.possible) throw new ProblemError(verdict.problem);
    return entry;
  }

  /** Remembers which task took a line back, or went on with it. */
  settle(entry: JournalEntry, how: 'undone' | 'resumed', by: Task): void {
    const { journal, publish } = this.#options;
    journal.settle(entry.id, how, by.id);
    const settled = this.#find(entry.id);
    publish({ kind: 'activity', entry: this.#shown(settled) });
    const task = taskOf(settled);
    // The snapshot that shows it as cut short learns what became of it.
    if (task?.state === 'interrupted')
      publish({ kind: 'task', task: { ...task, outcome: { ...task.outcome, settled: how } } });
  }

  /** Forgets what is older than so many days. */
  forget(keepDays: number): void {
    this.#options.journal.forget(this.#now() - keepDays * day);
  }

  /** Writes what waits, then closes the file. */
  close(): void {
    for (const { news, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      this.#write(news);
    }
    this.#waiting.clear();
    this.#options.journal.close();
  }

  #write({ task, changes, intent }: TaskNews): void {
    const before = this.#told.get(task.id);
    if (task.state === 'running')
      this.#told.set(task.id, { task, changes, ...(intent === undefined ? {} : { intent }) });
    else this.#told.delete(task.id);
    const { who = this.#options.who, outcome, ...rest } = task;
    const entry = {
      ...rest,
      who,
      outcome,
      ...this.#withOrigin({ task, changes, ...(intent === undefined ? {} : { intent }) }),
    };
    this.#put(entry, before === undefined || task.state !== 'running');
    // An attempt that only found out that a password has to be asked for is a question, not a deed.
    if (task.state !== 'failed' || task.problem?.code !== 'sudo-password-needed') return;
    this.#options.journal.drop(task.id);
    this.#lookAgain(task);
  }

  /**
   * What an engine followed before a switch is not known while an earlier one lies unfinished; it is what was there before that one. A
   * switch to the same route goes on with the files that one wrote, so taking it back takes back both.
   */
  #withOrigin({ task, changes, intent }: TaskNews): Pick<JournalEntry, 'changes' | 'intent'> {
    const own = { changes: [...changes], ...(intent === undefined ? {} : { intent }) };
    if (intent?.kind !== 'switch' || intent.before !== undefined) return own;
    const known = this.#options.journal.newest('switch', intent.runtime);
    if (known === undefined || (known.id !== task.id && known.state !== 'interrupted')) return own;
    if (known.intent?.kind !== 'switch' || known.intent.before === undefined) return own;
    const earlier = known.intent.route.join() === intent.route.join() ? known.changes : [];
    const paths = new Set(earlier.map(({ path }) => path));
    return {
      changes: [...earlier, ...changes.filter(({ path }) => !paths.has(path))],
      intent: { ...intent, before: known.intent.before },
    };
  }

  #put(entry: Omit<JournalEntry, 'seq'>, turns: boolean): void {
    const { journal, publish } = this.#options;
    journal.put(entry);
    const [written] = journal.beginningWith(entry.id);
    // A journal that cannot be written still tells what happens.
    publish({
      kind: 'activity',
      entry: written ? this.#shown(written) : { ...withoutIntent(entry), undo: false, resume: false },
    });
    if (turns) this.#lookAgain(entry);
  }

  /** What can be done about a line changes with what comes after it on the same subject; whoever shows it is told. */
  #lookAgain({ id: cause, subject }: Pick<JournalEntry, 'id' | 'subject'>): void {
    for (const [id, offered] of this.#offers) {
      if (id === cause || offered.subject !== subject) continue;
      const [entry] = this.#options.journal.beginningWith(id);
      if (!entry) {
        this.#offers.delete(id);
        continue;
      }
      const shown = this.#shown(entry);
      if (shown.undo !== offered.undo || shown.resume !== offered.resume)
        this.#options.publish({ kind: 'activity', entry: shown });
    }
  }

  #shown(entry: JournalEntry): ActivityEntry {
    const shown: ActivityEntry = { ...withoutIntent(entry), ...this.#possible(entry) };
    const { id, subject, undo, resume } = shown;
    if (undo || resume || this.#offers.has(id)) {
      this.#offers.set(id, { subject, undo, resume });
      const [oldest] = this.#offers.keys();
      if (this.#offers.size > offersKept && oldest !== undefined) this.#offers.delete(oldest);
    }
    return shown;
  }

  /** What is offered for a line. Where what is true now cannot be read, nothing is; asking for it says why. */
  #possible(entry: JournalEntry): Pick<ActivityEntry, 'undo' | 'resume'> {
    try {
      const standing = this.#standing(entry);
      return {
        undo: undoVerdict(entry, standing).possible,
        resume: resumeVerdict(entry, standing).possible,
      };
    } catch (error) {
      if (error instanceof ProblemError) return { undo: false, resume: false };
      throw error;
    }
  }

  #standing(entry: JournalEntry): Standing {
    return { ...this.#options.standing, later: this.#options.journal.later(entry, laterLooked) };
  }

  #find(id: string): JournalEntry {
    const found = /^[0-9a-f-]{1,36}$/.test(id) ? this.#options.journal.beginningWith(id) : [];
    const [entry, second] = found;
    if (entry === undefined)
      return fail({
        code: 'activity-unknown',
        message: `No entry of the journal begins with "${id}".`,
        hint: 'See the entries: mirrorfleet activity',
        detail: { id },
      });
    if (second !== undefined)
      return fail({
        code: 'activity-ambiguous',
        message: `More than one entry of the journal begins with "${id}"; nothing was done.`,
        hint: 'Give more of the id.',
        detail: { id },
      });
    return entry;
  }
}

/** An entry as it is told: without what the journal alone needs. */
function withoutIntent(
  entry: Omit<JournalEntry, 'seq'> & { readonly seq?: number },
): Omit<ActivityEntry, 'undo' | 'resume'> {
  const { intent: _intent, resumedBy: _resumedBy, seq: _seq, ...told } = entry;
  return told;
}
