import { type Problem, problemOf } from '../../preload/contract/problem.ts';
import type { Route } from '../../preload/contract/runtime.ts';
import type { Task } from '../../preload/contract/task.ts';
import { coreGone, problemIn } from '../endpoints/client.ts';
import type { CoreLink } from './core-link.ts';
import { isSwitched } from './route-lines.ts';
import type { TrayWork } from './tray-work.ts';

export interface TrayCallsOptions {
  readonly link: Pick<CoreLink, 'client' | 'snapshot' | 'state'>;
  /** Calls back when {@link TrayCalls.work} changed. */
  readonly changed: () => void;
  /** Opens the window at a place, where something is asked that a menu cannot ask. */
  readonly open: (hash: string) => void;
  readonly now: () => number;
}

/** What the tray does itself: it calls the core and keeps how that goes. One at a time. */
export class TrayCalls {
  readonly #options: TrayCallsOptions;
  #work: TrayWork | undefined;

  constructor(options: TrayCallsOptions) {
    this.#options = options;
  }

  get work(): TrayWork | undefined {
    return this.#work;
  }

  /** Switches every engine. What only the window can ask (a password, the vault's key) opens it at that place. */
  switch(route: Route): Promise<void> {
    const runtimes = `#/runtimes?route=${encodeURIComponent(route.length === 0 ? 'direct' : route.join(','))}`;
    return this.#run({ kind: 'switch', route }, runtimes, (client) => client.runtime.switchAll({ route }));
  }

  /** Measures everything again, then pulls once through each engine that follows a node. */
  test(): Promise<void> {
    return this.#run({ kind: 'test', route: [] }, '#/runtimes', async (client) => {
      const { runtimes } = await client.live.refresh();
      const following = runtimes.filter((view) => isSwitched(view) && (view.route?.length ?? 0) > 0);
      const tasks: Task[] = [];
      for (const { id } of following) tasks.push(await client.runtime.prove({ runtime: id }));
      return tasks;
    });
  }

  async #run(
    what: Pick<TrayWork, 'kind' | 'route'>,
    askedAt: string,
    call: (client: NonNullable<ReturnType<CoreLink['client']>>) => Promise<readonly Task[]>,
  ): Promise<void> {
    const { link, now } = this.#options;
    const client = link.client();
    if (!client || (this.#work && !this.#work.end)) return;
    const work: TrayWork = { ...what, startedAt: now() };
    this.#put(work);
    try {
      const tasks = await call(client);
      const asked = tasks.map(({ problem }) => placeAsking(problem, askedAt)).find((place) => place !== undefined);
      this.#end(work, asked, { tasks });
    } catch (error) {
      const problem = problemIn(error) ?? (link.state().state === 'running' ? problemOf(error) : coreGone);
      this.#end(work, placeAsking(problem, askedAt), { tasks: [], problem });
    }
  }

  #end(
    work: TrayWork,
    asked: string | undefined,
    end: { readonly tasks: readonly Task[]; readonly problem?: Problem },
  ): void {
    this.#put(asked === undefined ? { ...work, end: { at: this.#options.now(), ...end } } : undefined);
    if (asked !== undefined) this.#options.open(asked);
  }

  #put(work: TrayWork | undefined): void {
    this.#work = work;
    this.#options.changed();
  }
}

const passwords: ReadonlySet<string> = new Set(['sudo-password-needed', 'sudo-password-wrong']);
const keys: ReadonlySet<string> = new Set(['vault-locked', 'vault-undecided', 'passphrase-needed']);

/** Where in the window the answer is given that a problem asks for: a password for sudo where it is used, the vault's key in the settings. */
function placeAsking(problem: Problem | undefined, forPassword: string): string | undefined {
  if (problem === undefined) return undefined;
  if (passwords.has(problem.code)) return forPassword;
  return keys.has(problem.code) ? '#/settings' : undefined;
}
