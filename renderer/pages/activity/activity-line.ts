import type { ActivityEntry, ActivityKind } from '../../../preload/contract/activity.ts';

/** Whether this computer's core did it, or another that works on the same nodes. Unknown until the core says who it is. */
export function whose(entry: Pick<ActivityEntry, 'who'>, here: string | undefined): 'here' | 'elsewhere' | 'unknown' {
  if (here === undefined || entry.who === '') return 'unknown';
  return entry.who === here ? 'here' : 'elsewhere';
}

/** How long it took, or takes so far; ms. Nothing for what ended without a known end, and for changes made at once. */
export function durationMs(
  entry: Pick<ActivityEntry, 'state' | 'startedAt' | 'endedAt'>,
  now: number,
): number | undefined {
  if (entry.state === 'running') return Math.max(0, now - entry.startedAt);
  if (entry.endedAt === undefined || entry.endedAt === entry.startedAt) return undefined;
  return Math.max(0, entry.endedAt - entry.startedAt);
}

export type LineAction = 'cancel' | 'undo' | 'resume';

/** What can be done about an entry now. One that was taken back has nothing left. */
export function actionsOf(entry: ActivityEntry): readonly LineAction[] {
  if (entry.state === 'running') return ['cancel'];
  if (entry.undoneBy !== undefined) return [];
  return [...(entry.resume ? (['resume'] as const) : []), ...(entry.undo ? (['undo'] as const) : [])];
}

/** How the state shows: undone ones are neither good nor bad any more. */
export type LineState = ActivityEntry['state'] | 'undone';

export function lineState(entry: Pick<ActivityEntry, 'state' | 'undoneBy'>): LineState {
  return entry.undoneBy !== undefined && entry.state !== 'running' ? 'undone' : entry.state;
}

/** Whether taking back, or going on with, this kind of change may need this computer's sudo password. */
export function mayNeedPassword(entry: Pick<ActivityEntry, 'kind'>): boolean {
  return entry.kind === 'switch' || entry.kind === 'undo' || entry.kind === 'prove';
}

/** Kinds as the filter offers them: what people look for together. */
export const kindGroups = {
  engines: ['switch', 'prove'],
  nodes: ['node-add', 'node-apply', 'node-remove'],
  caches: ['prune', 'scrub', 'cache-schedule', 'pin', 'unpin'],
  settings: ['settings', 'vault'],
  undone: ['undo'],
} as const satisfies Readonly<Record<string, readonly ActivityKind[]>>;

export type KindGroup = keyof typeof kindGroups;
export const groupsInOrder: readonly KindGroup[] = ['engines', 'nodes', 'caches', 'settings', 'undone'];

/** The kinds of the chosen groups. None chosen means every kind. */
export function kindsOf(groups: readonly KindGroup[]): readonly ActivityKind[] {
  return groups.flatMap((group): readonly ActivityKind[] => kindGroups[group]);
}

/** One figure of an outcome: a known name is said in words, an unknown one is shown as it is, formed by its ending. */
export interface Figure {
  readonly name: string;
  readonly value: NonNullable<ActivityEntry['outcome']>[string];
  readonly form: 'bytes' | 'span' | 'moment' | 'plain';
}

export function figuresOf(outcome: ActivityEntry['outcome']): readonly Figure[] {
  return Object.entries(outcome ?? {}).map(([name, value]) => ({
    name,
    value,
    form:
      typeof value !== 'number'
        ? 'plain'
        : name === 'bytes' || name.endsWith('Bytes')
          ? 'bytes'
          : name.endsWith('Ms')
            ? 'span'
            : name.endsWith('At')
              ? 'moment'
              : 'plain',
  }));
}
