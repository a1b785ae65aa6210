import type { Pin } from '../../preload/contract/cache.ts';
import type { Task } from '../../preload/contract/task.ts';
import type { Caches } from '../cache/caches.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { Activity } from './activity.ts';
import { valueChange } from './value-change.ts';

export interface PinChangesOptions {
  readonly caches: Pick<Caches, 'pins' | 'pin' | 'unpin'>;
  /** The folder of a node on its server; throws `node-unknown`. */
  readonly baseOf: (node: string) => string;
  readonly activity: Pick<Activity, 'made'>;
  readonly tasks: Pick<Tasks, 'run'>;
}

/** Changes of pins, each written down. */
export class PinChanges {
  readonly #options: PinChangesOptions;

  constructor(options: PinChangesOptions) {
    this.#options = options;
  }

  /** Answers with all pins of the node. Those that were pinned, or not, before are not among what is written down. */
  async put(node: string, verb: 'pin' | 'unpin', pins: readonly Pin[]): Promise<Pin[]> {
    const { caches, baseOf, activity } = this.#options;
    const before = await caches.pins(node);
    const after = await caches[verb](node, pins);
    const changed = verb === 'pin' ? missingIn(before, after) : missingIn(after, before);
    if (changed.length === 0) return after;
    const change = valueChange(`${baseOf(node)}/pins`, before, after);
    const title = `${verb === 'pin' ? 'Pin' : 'Unpin'} ${changed.join(', ')}`;
    activity.made({ kind: verb, subject: node, title, changes: [change], intent: { kind: verb, node, pins: changed } });
    return after;
  }

  /** Undoes a change as a task of its own. */
  putBack(title: string, node: string, verb: 'pin' | 'unpin', pins: readonly Pin[]): Promise<Task> {
    const { caches, tasks } = this.#options;
    const intent = { kind: verb, node, pins: [...pins] };
    return tasks.run({ kind: 'undo', subject: node, title, intent }, (job) =>
      job.step('pins', 'Put the pins back', async () => {
        await caches[verb](node, pins);
      }),
    );
  }
}

/** What is in `list` and not in `other`. */
function missingIn(other: readonly Pin[], list: readonly Pin[]): Pin[] {
  return list.filter((each) => !other.includes(each));
}
