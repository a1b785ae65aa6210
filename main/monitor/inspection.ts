import type { Program } from '../../preload/contract/status.ts';
import { knownProblemOf } from '../fleet/known-problems.ts';
import { type NodeLayout, edgeService, twinService } from '../fleet/node-layout.ts';
import type { Host } from '../hosts/host.ts';

/**
 * What a closer look at the machine tells: the programs as they run, and the files that are not as the last apply left them. No `drift`
 * where that cannot be said: nothing was ever applied, or somebody is at work on the node.
 */
export interface Inspection {
  readonly programs: readonly Program[];
  readonly drift?: readonly string[];
}

/**
 * Reads and changes nothing. Arguments: base, Compose project, the services to ask for their version. Prints one fact a line, fields apart
 * by a tab. `state.json` has one value a line, so its hashes are read without anything but sed. A file's name is only followed below the
 * base. Version 2 of Compose is a plug-in, version 1 a program.
 */
const inspectionScript = String.raw`set -u
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
base=$1 project=$2; shift 2
t=$(printf '\t')
late=; command -v timeout >/dev/null 2>&1 && late='timeout 10'
say() { [ -z "$2" ] || printf 'program\t%s\t%s\n' "$1" "$2"; }
if command -v docker >/dev/null 2>&1; then
  say docker "$($late docker version --format '{{.Server.Version}}' 2>/dev/null </dev/null)"
  compose=$($late docker compose version --short 2>/dev/null </dev/null)
  [ -n "$compose" ] || compose=$($late docker-compose version --short 2>/dev/null </dev/null)
  say compose "$compose"
  for service in "$@"; do
    id=$(docker ps -q --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$service" 2>/dev/null </dev/null | head -n 1)
    [ -n "$id" ] || continue
    program=$(docker inspect --format '{{.Path}}' "$id" 2>/dev/null </dev/null)
    printf 'service\t%s\t%s\n' "$service" "$($late docker exec "$id" "$program" --version 2>/dev/null </dev/null | tr '\t\n' '  ' | cut -c 1-200)"
  done
fi
cd "$base" 2>/dev/null || exit 0
[ -f state.json ] && [ ! -e lock ] || exit 0
sed -n '/^  "files": {$/,/^  }/s/^    "\(.*\)": "\([0-9a-f]\{64\}\)",\{0,1\}$/\2'"$t"'\1/p' state.json | head -n 1000 | while IFS="$t" read -r hash file; do
  case $file in /* | ../* | */../* | */..) continue ;; esac
  found=-
  if [ -f "$file" ]; then found=$(sha256sum <"$file" 2>/dev/null | cut -c 1-64); [ -n "$found" ] || found=unreadable; fi
  printf 'file\t%s\t%s\t%s\n' "$hash" "$found" "$file"
done
printf 'compared\n'
`;

const timeoutMs = 60_000;

/** Looks closely, in one command as the one who may read all. Throws what {@link Host.run} throws. */
export async function inspectMachine(
  host: Host,
  layout: NodeLayout,
  options: { readonly signal: AbortSignal },
): Promise<Inspection> {
  const result = await host.run({
    argv: ['sh', '-s', '--', layout.base, layout.project, twinService, edgeService],
    input: inspectionScript,
    elevated: true,
    timeoutMs,
    maxOutputBytes: 512 * 1024,
    signal: options.signal,
  });
  return parseInspection(result.stdout);
}

/** What a service's program prints for `--version`, as a version; its own name for the program. */
const services: Readonly<Record<string, { readonly id: Program['id']; readonly form: RegExp }>> = {
  // `registry github.com/distribution/distribution/v3 3.1.1`, `… v3.1.1+unknown`
  [twinService]: { id: 'registry', form: /\sv?(\d+\.\d+\.\d+[\w.+-]*)/ },
  // `/envoy  version: 4fc…/1.40.0/Clean/RELEASE/BoringSSL`
  [edgeService]: { id: 'envoy', form: /version:\s*\w*\/(\d+\.\d+\.\d+[\w.+-]*)\// },
};

const plainVersion = /^v?(\d+(?:\.\d+)+[\w.+~-]*)$/;

/** What the script printed. Lines of any other form are read over; a comparison that broke off says nothing. Pure. */
export function parseInspection(text: string): Inspection {
  const programs: Program[] = [];
  const drift: string[] = [];
  let compared = false;
  const found = (id: Program['id'], version: string | undefined): void => {
    if (version === undefined || programs.some((each) => each.id === id)) return;
    const known = knownProblemOf(id, version);
    programs.push({ id, version, ...(known && { known }) });
  };
  for (const line of text.split('\n')) {
    const [word, first = '', second = '', ...rest] = line.split('\t');
    if (word === 'program' && (first === 'docker' || first === 'compose')) found(first, plainVersion.exec(second)?.[1]);
    else if (word === 'service') {
      const service = Object.hasOwn(services, first) ? services[first] : undefined;
      if (service) found(service.id, service.form.exec(second)?.[1]?.replace('+unknown', ''));
    } else if (word === 'file' && second !== first && second !== 'unreadable' && rest[0]) drift.push(rest[0]);
    else if (word === 'compared') compared = true;
  }
  return { programs, ...(compared && { drift: drift.toSorted() }) };
}
