import type { Pin, PrunePolicy, Schedule } from '../../preload/contract/cache.ts';
import { assertNever } from '../../preload/contract/assert-never.ts';
import { fail } from '../../preload/contract/problem.ts';
import type { Route, RuntimeId, SwitchPreview } from '../../preload/contract/runtime.ts';
import type { SettingsPart } from '../../preload/contract/settings.ts';
import type { Task } from '../../preload/contract/task.ts';
import type { JournalEntry } from './journal-entry.ts';
import { isOpposite } from './opposite.ts';

/** What the core can do, as undo and resume need it: the same calls that a person makes. */
export interface Ways {
  preview(runtime: RuntimeId, route: Route): Promise<SwitchPreview>;
  switch(runtime: RuntimeId, route: Route): Promise<Task>;
  /** Plans anew and applies that plan. */
  apply(node: string, installEngine: boolean): Promise<Task>;
  remove(node: string, how: { keepCache: boolean; forget: boolean }): Promise<Task>;
  /** Takes a node off its server and remembers it as one that was added and never applied. */
  takeOff(node: string): Promise<Task>;
  prune(node: string, policy: PrunePolicy, graceSeconds: number | undefined): Promise<Task>;
  putSettings(title: string, from: SettingsPart, to: SettingsPart): Promise<Task>;
  putPins(title: string, node: string, verb: 'pin' | 'unpin', pins: readonly Pin[]): Promise<Task>;
  setSchedule(node: string, schedule: Schedule | undefined): Promise<Task>;
}

/** Takes back what a line of the journal did. It was found to be undoable; what only the files themselves can tell is looked at here. */
export async function takeBack(entry: JournalEntry, ways: Ways): Promise<Task> {
  const { intent, title } = entry;
  switch (intent?.kind) {
    case 'switch': {
      const before = intent.before ?? [];
      if (entry.state === 'done') expectOpposite(entry, await ways.preview(intent.runtime, before));
      return ways.switch(intent.runtime, before);
    }
    case 'node-apply':
      return ways.takeOff(intent.node);
    case 'settings':
      return ways.putSettings(`Undo: ${title}`, intent.after, intent.before);
    case 'pin':
      return ways.putPins(`Undo: ${title}`, intent.node, 'unpin', intent.pins);
    case 'unpin':
      return ways.putPins(`Undo: ${title}`, intent.node, 'pin', intent.pins);
    case 'cache-schedule':
      return ways.setSchedule(intent.node, intent.before);
    case 'node-remove':
    case 'prune':
    case undefined:
      throw new Error(`${entry.kind} is never undoable`);
    default:
      return assertNever(intent);
  }
}

/** Files that were changed since by someone else, or certificates renewed, would not come back as they were. */
function expectOpposite(entry: JournalEntry, preview: SwitchPreview): void {
  if (isOpposite(entry.changes, preview.changes)) return;
  fail({
    code: 'undo-outdated',
    message: `"${entry.title}" cannot be taken back exactly any more: its files were changed since. Nothing was changed.`,
    hint: 'Switch to the route you want; its preview shows what that changes.',
    detail: { why: 'its files were changed since' },
  });
}

/** Goes on with what a line of the journal began. */
export async function goOn(entry: JournalEntry, ways: Ways): Promise<Task> {
  const { intent } = entry;
  switch (intent?.kind) {
    case 'switch':
      return ways.switch(intent.runtime, intent.route);
    case 'node-apply':
      return ways.apply(intent.node, intent.installEngine);
    case 'node-remove':
      return intent.remember === true ? ways.takeOff(intent.node) : ways.remove(intent.node, intent);
    case 'prune':
      return ways.prune(intent.node, intent.policy, intent.graceSeconds);
    case 'cache-schedule':
    case 'pin':
    case 'unpin':
    case 'settings':
    case undefined:
      throw new Error(`${entry.kind} is never resumable`);
    default:
      return assertNever(intent);
  }
}
