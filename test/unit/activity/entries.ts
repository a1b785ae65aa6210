import type { JournalEntry } from '../../../main/activity/journal-entry.ts';
import type { Standing } from '../../../main/activity/verdict.ts';
import { defaultSettings } from '../../../main/store/settings.ts';

let made = 0;

/** A line of the journal: a switch of Docker from direct to tokyo that was done, unless said otherwise. */
export function entry(more: Partial<JournalEntry> = {}): JournalEntry {
  made += 1;
  return {
    seq: made,
    id: `${String(made).padStart(8, '0')}-0000-4000-8000-000000000000`,
    kind: 'switch',
    subject: 'docker',
    title: 'Switch docker to tokyo',
    who: 'dev@laptop',
    state: 'done',
    startedAt: 1000 + made,
    endedAt: 2000 + made,
    steps: [],
    changes: [{ path: '/etc/docker/daemon.json', action: 'create', diff: '@@ -0,0 +1 @@\n+{}\n' }],
    outcome: undefined,
    intent: { kind: 'switch', runtime: 'docker', route: ['tokyo'], before: [] },
    ...more,
  };
}

/** What is true now: Docker follows tokyo, tokyo is known, the settings are the defaults, and nothing came later. */
export function standing(more: Partial<Standing> = {}): Standing {
  return {
    later: [],
    switched: () => ({ state: 'switched', route: ['tokyo'] }),
    settings: () => defaultSettings,
    nodeKnown: (name) => name === 'tokyo',
    ...more,
  };
}
