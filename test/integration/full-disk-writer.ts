import * as fs from 'node:fs';
import { join } from 'node:path';
import Conf from 'conf';
import { Journal } from '../../main/activity/journal.ts';
import { loginItem } from '../../main/shell/login-item.ts';
import { type Kept, preferencesFile, PreferencesStore } from '../../main/shell/preferences.ts';
import { takeInstanceLock } from '../../main/store/instance-lock.ts';
import { History } from '../../main/store/history.ts';
import { NodeStore } from '../../main/store/nodes.ts';
import { ProblemError, type Problem } from '../../preload/contract/problem.ts';
import { entry } from '../unit/activity/entries.ts';
import { nodeOf, ownFiles } from '../unit/store/own-files.ts';

/**
 * Writes every file of the core and of the shell on a file system of its own, then again and again with less and less room. One line of
 * JSON on standard output for each attempt: what became of the file.
 */
export interface Attempt {
  readonly file: string;
  /** Bytes that were free. */
  readonly room: number;
  /** `written`, or the code of the Problem. */
  readonly outcome: string;
  /** Whether what is read afterwards is what was there before, where it was not written, and can be read, where it was. */
  readonly whole: boolean;
}

const folder = process.argv[2] ?? '';
const page = 4096;
const say = (attempt: Attempt): void => void process.stdout.write(`${JSON.stringify(attempt)}\n`);
const filler = (at: number): string => join(folder, `filler-${at}`);

/** Takes all room but so many bytes, and says how many fillers there are. */
function leave(room: number): number {
  let made = 0;
  for (;;) {
    try {
      fs.writeFileSync(filler(made), Buffer.alloc(page));
    } catch {
      break;
    }
    made += 1;
  }
  fs.rmSync(filler(made), { force: true });
  for (let free = 0; free < room; free += page) fs.rmSync(filler((made -= 1)));
  return made;
}

function giveBack(): void {
  for (const each of fs.readdirSync(folder)) if (each.startsWith('filler-')) fs.rmSync(join(folder, each));
}

function outcomeOf(body: () => void): string {
  try {
    body();
    return 'written';
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.code;
    return `thrown: ${String(error)}`;
  }
}

function attempt(file: string, room: number, change: () => string, path: string, read: () => unknown): void {
  const before = fs.readFileSync(path);
  leave(room);
  const outcome = change();
  const after = fs.readFileSync(path);
  giveBack();
  let readable = true;
  try {
    read();
  } catch {
    readable = false;
  }
  say({ file, room, outcome, whole: readable && (outcome === 'written' || after.equals(before)) });
}

const rooms = [0, page, 2 * page, 8 * page, 64 * page];

for (const file of ownFiles.filter(({ name }) => name !== 'vault.key')) file.fill(folder);
// More than a page, so that a part of it finds room.
const many = (): void => {
  const nodes = new NodeStore(folder);
  for (let at = 0; at < 30; at += 1) nodes.put(nodeOf(`n${at}`, 'x'.repeat(200)));
};
many();
for (const room of rooms)
  for (const file of ownFiles.filter(({ name }) => name !== 'vault.key'))
    attempt(
      file.name,
      room,
      () => outcomeOf(() => file.change(folder)),
      join(folder, file.name),
      () => file.read(folder),
    );

const keyFolder = (at: number): string => join(folder, `key-${at}`);
for (const [at, room] of rooms.entries()) {
  fs.mkdirSync(keyFolder(at));
  leave(room);
  const file = ownFiles.find(({ name }) => name === 'vault.key');
  const outcome = outcomeOf(() => file?.fill(keyFolder(at)));
  giveBack();
  // The next attempt finds nothing that stands in its way.
  say({ file: 'vault.key', room, outcome, whole: outcomeOf(() => file?.fill(keyFolder(at))) === 'written' });
}

const { name, ...shape } = preferencesFile;
const openPreferences = (): PreferencesStore =>
  new PreferencesStore(
    folder,
    () => new Conf<Kept>({ ...shape, configName: name, cwd: folder, projectVersion: '0.1.0' }),
  );
openPreferences().update({ theme: 'dark' });
const app: Parameters<typeof loginItem>[0]['app'] = {
  getLoginItemSettings: () => {
    throw new Error('not on Linux');
  },
  setLoginItemSettings: () => {},
};
const itemFor = (program: string) =>
  loginItem({ app, platform: 'linux', env: { XDG_CONFIG_HOME: folder }, home: folder, program, args: [] });
itemFor('/bin/true').setOpen(true);
for (const room of rooms) {
  const preferences = openPreferences();
  const choose = (): string => {
    preferences.update({ language: preferences.get().language === 'en' ? 'zh-CN' : 'en' });
    return preferences.problem()?.code ?? 'written';
  };
  attempt('preferences.json', room, choose, join(folder, 'preferences.json'), () => {
    const problem = openPreferences().problem();
    if (problem) throw new Error(problem.code);
  });
  const item = itemFor(`/opt/${'x'.repeat(300)}/${room}`);
  attempt(
    'mirrorfleet.desktop',
    room,
    () => outcomeOf(() => item.setOpen(true)),
    join(folder, 'autostart/mirrorfleet.desktop'),
    () => {
      if (!item.isOpen()) throw new Error('not ours any more');
    },
  );
}

/** A database goes on with what it cannot keep, tells it once, and keeps again when there is room. */
function database(
  file: string,
  open: (onProblem: (problem: Problem) => void, now: () => number) => { add(): void; count(): number; close(): void },
): void {
  for (const startsFull of [false, true]) {
    const told: string[] = [];
    let now = Date.now();
    const opened = () =>
      open(
        (problem) => told.push(problem.code),
        () => now,
      );
    const first = opened();
    first.add();
    const before = first.count();
    if (startsFull) first.close();
    leave(0);
    const kept = startsFull ? opened() : first;
    for (let at = 0; at < 300 && told.length === 0; at += 1) kept.add();
    giveBack();
    now += 60_000;
    kept.add();
    kept.add();
    const after = kept.count();
    kept.close();
    const later = opened();
    say({
      file: `${file}${startsFull ? ', full at the start' : ''}`,
      room: 0,
      outcome: told.join(),
      whole: later.count() >= before + 1 && later.count() === after,
    });
    later.close();
  }
}
database('activity.db', (onProblem, now) => {
  const journal = new Journal(join(folder, 'activity.db'), { onProblem, now });
  return {
    add: () => journal.put(entry({ title: 'x'.repeat(2000) })),
    count: () => journal.page({ limit: 100_000 }).entries.length,
    close: () => journal.close(),
  };
});
database('history.db', (onProblem, now) => {
  const history = new History(join(folder, 'history.db'), { onProblem, now });
  const series = { node: 'tokyo', upstream: 'docker.io', kind: 'cached' } as const;
  let at = Date.now();
  return {
    add() {
      history.add(Array.from({ length: 200 }, () => ({ ...series, at: (at += 1), outcome: 'ok' })));
      history.flush();
    },
    count: () => [...history.samples({ ...series, from: 0, to: Number.MAX_SAFE_INTEGER })].length,
    close: () => history.close(),
  };
});

takeInstanceLock(folder)?.();
leave(0);
const outcome = outcomeOf(() => {
  const release = takeInstanceLock(folder);
  if (release === undefined) throw new Error('taken for another core that runs');
  release();
});
giveBack();
say({ file: 'core.lock', room: 0, outcome, whole: takeInstanceLock(folder) !== undefined });
