import type { Problem } from '../../preload/contract/problem.ts';
import { fail } from '../../preload/contract/problem.ts';
import type { Route } from '../../preload/contract/runtime.ts';
import { hashOf, textEdit } from './file-diff.ts';
import { readDaemonJson, withMirrors, withoutMirrors } from './formats/daemon-json.ts';
import { certificateEdits, certificateFiles, editKept, type OwnedFacts, staleEdits } from './owned-files.ts';
import type { MirrorEndpoint, PreparedSwitch } from './runtime.ts';
import { same } from './same-list.ts';
import { originalOf, type SwitchRecord } from './switch-records.ts';

/** The only upstream that Docker's classic store asks a mirror for. */
const mirrored = 'docker.io';
const certificates = '/etc/docker/certs.d';

/** Everything the plan is made of. `live` is undefined while Docker is stopped. */
export interface DockerFacts extends OwnedFacts {
  readonly file: string;
  readonly current: Uint8Array | undefined;
  readonly live: readonly string[] | undefined;
}

/** The mirror's URL as it stands in daemon.json. No path: Docker before 24.0.8 refuses one. */
export function mirrorUrl(authority: string): string {
  return `https://${authority}`;
}

/** Docker reports every mirror with a slash at its end. */
export function bare(url: string): string {
  return url.replace(/\/+$/, '');
}

/** What Docker reports of the mirrors in its file: one that stands there twice, with a slash or without, once. */
function reported(mirrors: readonly string[]): string[] {
  return [...new Set(mirrors.map(bare))];
}

/** Paths of our certificate files for these endpoints and of an earlier switch: what the facts must show. */
export function certificatePaths(endpoints: readonly MirrorEndpoint[], record: SwitchRecord | undefined): string[] {
  const wanted = endpoints.flatMap((endpoint) => certificateFiles(folderOf(endpoint)));
  const earlier = Object.keys(record?.files ?? {}).filter((path) => path.startsWith(certificates));
  return [...new Set([...wanted, ...earlier])];
}

/** The edits that make Docker pull docker.io through these endpoints, in order, with the user's own mirrors after ours. Pure. */
export function planMirrors(route: Route, endpoints: readonly MirrorEndpoint[], facts: DockerFacts): PreparedSwitch {
  const { file, current, live, record } = facts;
  refuseWithoutHub(endpoints);
  const ours = endpoints.map(({ authority }) => mirrorUrl(authority));
  const known = new Set([...ours, ...(record?.mirrors ?? [])].map(bare));
  const base = untouchedBase(facts);
  const foreign = (readDaemonJson(base).mirrors ?? []).filter((each) => !known.has(bare(each)));
  const wanted = [...ours, ...foreign];
  const inFile = readDaemonJson(current).mirrors ?? [];
  const sameList = JSON.stringify(inFile.map(bare)) === JSON.stringify(wanted.map(bare));
  const bytes = sameList && current !== undefined ? current : withMirrors(base, wanted);
  const files = endpoints.flatMap((endpoint) => certificateEdits(folderOf(endpoint), endpoint, facts));
  const stale = staleEdits(certificatePaths([], record), certificatePaths(endpoints, undefined), facts);
  const edits = [...files, ...(bytes === current ? [] : [textEdit(file, current, bytes)]), ...stale.edits];
  const expectedMirrors = reported(wanted);
  const settled = record?.state === 'switched' && same(record.route, route);
  return {
    runtime: 'docker',
    route,
    nothingToDo: edits.length === 0 && settled && live !== undefined && same(live, expectedMirrors),
    edits,
    writer: 'root',
    activate: 'reload',
    interim: textEdit(file, bytes, withMirrors(bytes, [])),
    interimFirst: false,
    liveBefore: live,
    expectedMirrors,
    ourMirrors: ours.map(bare),
    original: originalOf(record) ?? { path: file, bytes: current },
    activation: { code: 'docker-reloads' },
    restarts: [],
    warnings: [...onlyHub(endpoints), ...stale.warnings],
  };
}

/** The edits back to the bytes of before our first switch; a file that someone edited since keeps the edit and loses our mirrors. Pure. */
export function planDirect(facts: DockerFacts): PreparedSwitch {
  const { file, current, live, record } = facts;
  const original = originalOf(record) ?? { path: file, bytes: current };
  const touched = record !== undefined && !ourStates(record, file).includes(hashOf(current));
  const final = touched ? withoutOurs(current, original.bytes, record.mirrors) : original.bytes;
  const expectedMirrors = reported(readDaemonJson(final).mirrors ?? []);
  const liveRight = live === undefined || record === undefined || same(live, expectedMirrors);
  const interim = liveRight ? undefined : textEdit(file, current, withMirrors(current, []));
  const back = textEdit(file, current, final);
  const fileEdit = interim === undefined ? back : { ...back, expect: hashOf(interim.bytes) };
  const stale = staleEdits(certificatePaths([], record), [], facts);
  const unchanged = interim === undefined && hashOf(current) === hashOf(final);
  const edits = [...(unchanged ? [] : [fileEdit]), ...stale.edits];
  return {
    runtime: 'docker',
    route: [],
    nothingToDo: record === undefined,
    edits,
    writer: 'root',
    activate: 'reload',
    interim,
    interimFirst: interim !== undefined,
    liveBefore: live,
    expectedMirrors,
    ourMirrors: [],
    original,
    activation: live === undefined ? { code: 'docker-stopped' } : { code: 'docker-reloads-twice' },
    restarts: [],
    warnings: [...(touched ? [editKept(file)] : []), ...stale.warnings],
  };
}

function withoutOurs(
  current: Uint8Array | undefined,
  original: Uint8Array | undefined,
  ours: readonly string[],
): Uint8Array | undefined {
  if (current === undefined) return undefined;
  const { mirrors } = readDaemonJson(current);
  if (mirrors === undefined) return current;
  const rest = mirrors.filter((each) => !ours.includes(bare(each)));
  if (rest.length === mirrors.length) return current;
  return rest.length === 0 && readDaemonJson(original).mirrors === undefined
    ? withoutMirrors(current)
    : withMirrors(current, rest);
}

/**
 * What mirrors are put into: the user's own file of before our first switch as long as nobody but us changed it. A switch that was killed
 * may have left the state in between, whose empty list knows nothing of the user's own mirrors.
 */
function untouchedBase({ file, current, record }: DockerFacts): Uint8Array | undefined {
  const original = originalOf(record);
  if (record === undefined || original === undefined) return current;
  return ourStates(record, file).includes(hashOf(current)) ? original.bytes : current;
}

/** Hashes of the engine's file that we know: what we wrote, the in-between state, the original. */
function ourStates(record: SwitchRecord, file: string): readonly string[] {
  const written = record.files[file];
  return [...(written === undefined ? [] : [written]), ...record.interim, hashOf(originalOf(record)?.bytes)];
}

function folderOf({ authority }: MirrorEndpoint): string {
  return `${certificates}/${authority}`;
}

function refuseWithoutHub(endpoints: readonly MirrorEndpoint[]): void {
  const without = endpoints.find(({ upstreams }) => !upstreams.includes(mirrored));
  if (without !== undefined)
    fail({
      code: 'node-without-docker-io',
      message: `${without.node} does not serve docker.io, the only upstream this Docker takes from a mirror. Nothing was changed.`,
      hint: `Add docker.io to ${without.node}'s upstreams, or choose another node.`,
    });
}

function onlyHub(endpoints: readonly MirrorEndpoint[]): Problem[] {
  const others = [...new Set(endpoints.flatMap(({ upstreams }) => upstreams))].filter((each) => each !== mirrored);
  if (others.length === 0) return [];
  return [
    {
      code: 'docker-mirrors-only-docker-io',
      message: `This Docker takes only docker.io from a mirror; ${others.join(', ')} stay direct.`,
      hint: 'Name images as <node address>/<upstream>/<image>.',
      retryable: false,
    },
  ];
}
