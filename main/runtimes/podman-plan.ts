import { type Problem, fail } from '../../preload/contract/problem.ts';
import type { Route } from '../../preload/contract/runtime.ts';
import { type DropInMirror, registriesDropIn } from './formats/registries-dropin.ts';
import { mirroredNames } from './mirrored-names.ts';
import {
  certificateEdits,
  certificateFiles,
  type OwnedFacts,
  ownedEdit,
  refuseEdited,
  staleEdits,
} from './owned-files.ts';
import type { PodmanRegistry } from './podman-command.ts';
import type { MirrorEndpoint, PreparedSwitch } from './runtime.ts';
import { same } from './same-list.ts';
import type { SwitchRecord } from './switch-records.ts';

/** Everything the plan is made of. `folder` is `~/.config/containers`, `live` what podman takes from all its files together. */
export interface PodmanFacts extends OwnedFacts {
  readonly folder: string;
  readonly live: ReadonlyMap<string, PodmanRegistry>;
  /** An API service of this user runs and keeps what it read at its start. */
  readonly service: boolean;
}

/**
 * Our drop-in. In the user's own folder, which podman reads last whether or not there is a main file there; the name sorts after others',
 * because the last entry of a prefix replaces the ones before.
 */
export function dropInPath(folder: string): string {
  return `${folder}/registries.conf.d/zz-mirrorfleet.conf`;
}

function certificateFolder(folder: string, { authority }: MirrorEndpoint): string {
  return `${folder}/certs.d/${authority}`;
}

/** Every file that may be ours: what the facts must show. */
export function podmanPaths(
  folder: string,
  endpoints: readonly MirrorEndpoint[],
  record: SwitchRecord | undefined,
): string[] {
  const wanted = endpoints.flatMap((endpoint) => certificateFiles(certificateFolder(folder, endpoint)));
  return [...new Set([dropInPath(folder), ...wanted, ...Object.keys(record?.files ?? {})])];
}

/** As much of a registry as says where podman looks for its images. */
interface ReportedRegistry {
  readonly Mirrors?: readonly { readonly Location: string }[] | null | undefined;
}

/** What podman uses, as one line for each mirror: `docker.io → 203.0.113.11/docker.io`. Pure. */
export function podmanMirrors(registries: ReadonlyMap<string, ReportedRegistry>): string[] {
  return [...registries]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { Mirrors }]) => (Mirrors ?? []).map(({ Location }) => line(name, Location)));
}

function line(name: string, location: string): string {
  return `${name} → ${location}`;
}

/** The edits after which podman follows the route; an empty one takes our files away. Pure. */
export function planPodman(route: Route, endpoints: readonly MirrorEndpoint[], facts: PodmanFacts): PreparedSwitch {
  const { folder, live, record } = facts;
  const dropIn = dropInPath(folder);
  const known = new Set(record?.mirrors ?? []);
  const names = mirroredNames(endpoints);
  const foreign = (name: string): DropInMirror[] =>
    (live.get(name)?.Mirrors ?? [])
      .filter(({ Location }) => !known.has(line(name, Location)))
      .map(({ Location, Insecure, PullFromMirror }) => ({
        location: Location,
        insecure: Insecure,
        pullFromMirror: PullFromMirror,
      }));
  for (const { name } of names) refuseSpecial(name, live.get(name));
  refuseEdited(record?.files[dropIn] === undefined ? [] : [dropIn], facts);
  const registries = names.map(({ name, endpoints: serving }) => ({
    prefix: name,
    mirrors: [...serving.map(({ authority }) => ({ location: `${authority}/${name}` })), ...foreign(name)],
  }));
  const ours = names.flatMap(({ name, endpoints: serving }) =>
    serving.map(({ authority }) => line(name, `${authority}/${name}`)),
  );
  const needed = route.length === 0 ? [] : podmanPaths(folder, endpoints, undefined);
  const stale = staleEdits(Object.keys(record?.files ?? {}), needed, facts);
  const edits =
    route.length === 0
      ? stale.edits
      : [
          ...endpoints.flatMap((endpoint) => certificateEdits(certificateFolder(folder, endpoint), endpoint, facts)),
          ...ownedEdit(dropIn, registriesDropIn(headOf(route), registries), facts),
          ...stale.edits,
        ];
  // What the user has for a registry is hidden as long as our drop-in stands before it, and may have changed meanwhile.
  const covered = new Set([...known].flatMap((each) => each.split(' ', 1)));
  const uncovered = [...covered].filter((name) => !names.some((each) => each.name === name));
  const after = new Map<string, ReportedRegistry>([...live].filter(([name]) => !covered.has(name)));
  for (const { prefix, mirrors } of registries)
    after.set(prefix, { Mirrors: mirrors.map(({ location }) => ({ Location: location })) });
  const expectedMirrors = podmanMirrors(after);
  const liveBefore = podmanMirrors(live);
  const settled = route.length === 0 ? record === undefined : record?.state === 'switched' && same(record.route, route);
  return {
    runtime: 'podman',
    route,
    nothingToDo: settled && edits.length === 0 && same(liveBefore, expectedMirrors),
    writer: 'user',
    activate: 'nothing',
    edits,
    interim: undefined,
    interimFirst: false,
    liveBefore,
    expectedMirrors,
    uncovered,
    ourMirrors: ours,
    original: undefined,
    activation: { code: 'podman-reads-at-every-pull' },
    restarts: [],
    warnings: [...(facts.service ? [serviceKeeps] : []), ...longerPrefixes(names, live), ...stale.warnings],
  };
}

function headOf(route: Route): string[] {
  return [
    `Written by Mirrorfleet: pulls try ${route.join(', then ')} first, then the registry itself.`,
    '"mirrorfleet switch podman direct" takes this file away.',
  ];
}

const serviceKeeps: Problem = {
  code: 'podman-service-keeps-old',
  message: 'A podman API service of yours is running; it keeps the mirrors it read at its start.',
  hint: 'Restart it after the switch: systemctl --user restart podman.service',
  retryable: false,
};

/** Our entry would replace the user's for the same prefix: one that does more than name mirrors is left to the user. */
function refuseSpecial(name: string, entry: PodmanRegistry | undefined): void {
  if (entry === undefined) return;
  const { Blocked, Insecure, MirrorByDigestOnly, Location } = entry;
  if (!Blocked && !Insecure && !MirrorByDigestOnly && (Location === '' || Location === name)) return;
  fail({
    code: 'podman-registry-special',
    message: `Your podman configuration treats ${name} in a way of its own (blocked, insecure, elsewhere or by digest only), which an entry of ours would replace. Nothing was changed.`,
    hint: `Take the [[registry]] entry for ${name} out of registries.conf or its drop-ins, then switch again.`,
  });
}

/** Entries of the user for a part of a registry win over ours for the whole. */
function longerPrefixes(names: readonly { name: string }[], live: ReadonlyMap<string, PodmanRegistry>): Problem[] {
  const longer = [...live.keys()].filter((prefix) => names.some(({ name }) => prefix.startsWith(`${name}/`)));
  if (longer.length === 0) return [];
  return [
    {
      code: 'podman-longer-prefix',
      message: `Your own entries for ${longer.join(', ')} stay as they are: what they name does not go through the node.`,
      hint: 'Take them out of registries.conf if it should.',
      retryable: false,
    },
  ];
}
