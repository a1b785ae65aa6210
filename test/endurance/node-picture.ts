import type { Machine } from '../lab/lab.ts';

const folder = '/opt/mirrorfleet';

/**
 * The hash of every file of the node but the cache, by path; `state.json` and `.brought` by their text. What is being written beside its
 * place is no file of the node yet; {@link remains} tells whether it is still there in the end.
 */
export async function nodeFiles(server: Machine): Promise<ReadonlyMap<string, string>> {
  const script = `cd ${folder} 2>/dev/null || exit 0
    find . \\( -path ./data -o -path ./log -o -path ./.previous -o -path ./.incoming -o -path './schedule' \\) -prune -o -type f ! -name lock ! -name '.lock.*' ! -name '.brought.*' -exec sha256sum {} + 2>/dev/null
    for f in state.json .brought; do [ ! -f $f ] || { printf 'text  %s ' $f; base64 -w0 <$f; echo; }; done`;
  const files = new Map<string, string>();
  for (const line of (await server.exec(['sh', '-c', script])).stdout.split('\n')) {
    const [, hash = '', path = ''] = /^([0-9a-f]{64}) {2}\.\/(.+)$/.exec(line) ?? [];
    if (path !== '' && path !== 'state.json' && path !== '.brought') files.set(path, hash);
    const [, name = '', text = ''] = /^text {2}(\S+) (\S*)$/.exec(line) ?? [];
    if (name !== '') files.set(name, Buffer.from(text, 'base64').toString('utf8'));
  }
  return files;
}

function whole(path: string, found: string, known: readonly (string | undefined)[]): boolean {
  if (path === '.brought') return /^(\S+\n)*$/.test(found);
  if (path !== 'state.json') return known.includes(found);
  try {
    JSON.parse(found);
    return true;
  } catch {
    return false;
  }
}

/** The files that are neither what they were before nor what they are in the end. */
export function halfWritten(
  before: ReadonlyMap<string, string>,
  left: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  return [...left].flatMap(([path, found]) =>
    whole(path, found, [before.get(path), after.get(path)]) ? [] : [`${path} is neither the old nor the new one`],
  );
}

/** What only work in progress may leave in a node's folder and in its engine: locks, unfinished files, containers that do not run. */
export async function remains(server: Machine): Promise<string[]> {
  const script = `cd ${folder} 2>/dev/null && find . \\( -name lock -o -name '.lock.*' -o -name '.brought.*' -o -name '.incoming' -o -name '*.restored' -o -name '*.new' \\) -print
    docker ps -a --format '{{.Names}} {{.State}}' | grep -v '^mirrorfleet-[a-z.-]*-1 running$'
    ps -eo args= | grep -E 'docker[ -]compose|docker (pull|load)|tar -x' | grep -v grep
    true`;
  return (await server.mustExec(['sh', '-c', script])).split('\n').filter(Boolean);
}
