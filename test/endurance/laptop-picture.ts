import { dirname } from 'node:path';
import type { Machine } from '../lab/lab.ts';
import type { CrashEngine } from './crash-engine.ts';

/** A file or folder: kind, mode and owner in one word, and a file's bytes in base64. */
export interface Entry {
  readonly stat: string;
  readonly bytes: string;
}

/** All that a switch of an engine may touch, at one moment. */
export interface Picture {
  /** By path below the engine's folder. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** What lies below the helper's folder of backups. */
  readonly backups: readonly string[];
  /** What lies beside the core's record of switches. */
  readonly records: readonly string[];
  readonly alive: string;
  readonly live: string;
}

const script = String.raw`
list() { find "$1" -mindepth "$2" 2>/dev/null | sort; }
mkdir -p "$1"; cd "$1"
list . 1 | while read -r path; do
  printf 'entry %s %s ' "$path" "$(stat -c %F,%a,%U:%G "$path" | tr ' ' _)"
  [ ! -f "$path" ] || base64 -w0 "$path"
  echo
done
list /var/lib/mirrorfleet 0 | sed 's/^/backup /'
list "$2" 1 | sed 's/^/record /'
echo "alive $(eval "$3")"
echo "live $(eval "$4")"`;

/** `records` is the file of the core's records. */
export async function pictureOf(laptop: Machine, engine: CrashEngine, records: string): Promise<Picture> {
  const argv = ['sh', '-c', script, 'picture', engine.folder, dirname(records), engine.alive, engine.live];
  const lines = (await laptop.mustExec(argv)).trim().split('\n');
  const after = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  return {
    entries: new Map(
      after('entry').map((line) => {
        const [path = '', stat = '', bytes = ''] = line.split(' ');
        return [path, { stat, bytes }] as const;
      }),
    ),
    backups: after('backup'),
    records: after('record'),
    alive: after('alive').join(),
    live: after('live').join(),
  };
}

/** The files and folders as one text to compare. */
export function filesIn({ entries }: Picture): string {
  return [...entries].map(([path, { stat, bytes }]) => `${path} ${stat} ${bytes}`).join('\n');
}

/**
 * What is neither as before nor as after: a mixed or half file, a changed mode, a foreign name. A file being made (its name begins with a
 * dot) is let pass here: it counts once somebody recovered.
 */
export function mixedUp(now: Picture, before: Picture, after: Picture, engine: CrashEngine): string[] {
  const known = (path: string): (Entry | undefined)[] => {
    const both = [before.entries.get(path), after.entries.get(path)];
    const passing = both.flatMap((entry) => {
      if (entry === undefined) return [];
      const texts = engine.passing(path, Buffer.from(entry.bytes, 'base64').toString());
      return texts.map((text) => ({ ...entry, bytes: Buffer.from(text).toString('base64') }));
    });
    return [...both, ...passing];
  };
  const paths = new Set([...before.entries.keys(), ...after.entries.keys(), ...now.entries.keys()]);
  return [...paths].flatMap((path) => {
    const entry = now.entries.get(path);
    const name = path.split('/').at(-1) ?? '';
    if (name.startsWith('.') && !(name.includes('key') && entry?.stat.includes('44,'))) return [];
    const right = known(path).some((each) => each?.stat === entry?.stat && each?.bytes === entry?.bytes);
    return right ? [] : [`${path}: ${JSON.stringify(entry)}`];
  });
}
