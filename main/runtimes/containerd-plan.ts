import { type Problem, fail } from '../../preload/contract/problem.ts';
import type { Route } from '../../preload/contract/runtime.ts';
import { configFile } from './containerd-place.ts';
import { hashOf, textEdit } from './file-diff.ts';
import { certsFolder, configPathIn, withConfigPath, withoutConfigPath } from './formats/containerd-config.ts';
import { hostsToml, mirrorsInHostsToml } from './formats/hosts-toml.ts';
import { type MirroredName, mirroredNames } from './mirrored-names.ts';
import {
  certificateEdits,
  certificateFiles,
  editKept,
  type OwnedFacts,
  ownedEdit,
  refuseEdited,
  staleEdits,
} from './owned-files.ts';
import type { FileEdit, MirrorEndpoint, PreparedSwitch } from './runtime.ts';
import { same } from './same-list.ts';
import { originalOf, type SwitchRecord } from './switch-records.ts';

/** Everything the plan is made of. `config` is config.toml, `folders` every folder of certs.d with its file names and its hosts.toml. */
export interface ContainerdFacts extends OwnedFacts {
  readonly config: Uint8Array | undefined;
  readonly folders: ReadonlyMap<string, CertsFolder>;
  readonly running: boolean;
  readonly restartable: boolean;
  /** Docker's unit is bound to containerd's, so that a restart takes it along. */
  readonly dockerFollows: boolean;
  /** config.toml may have changed since the running containerd read it, which it does at its start. */
  readonly unread: boolean;
}

export interface CertsFolder {
  readonly files: readonly string[];
  readonly hosts: Uint8Array | undefined;
}

const certificateFolder = ({ authority }: MirrorEndpoint): string => `${certsFolder}/${authority}`;
const hostsPath = (name: string): string => `${certsFolder}/${name}/hosts.toml`;
const line = (name: string, url: string): string => `${name} → ${url}`;

/** Every file that may be ours, config.toml apart: what the facts must show. */
export function containerdPaths(endpoints: readonly MirrorEndpoint[], record: SwitchRecord | undefined): string[] {
  const certificates = endpoints.flatMap((endpoint) => certificateFiles(certificateFolder(endpoint)));
  const hosts = mirroredNames(endpoints).map(({ name }) => hostsPath(name));
  const earlier = Object.keys(record?.files ?? {}).filter((path) => path !== configFile);
  return [...new Set([...certificates, ...hosts, ...earlier])];
}

/** What containerd uses while it reads certs.d, as one line for each mirror: `docker.io → https://203.0.113.11`. Pure. */
export function containerdMirrors(folders: ReadonlyMap<string, CertsFolder>): string[] {
  return [...folders]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { hosts }]) =>
      hosts === undefined ? [] : mirrorsInHostsToml(hosts).map((url) => line(name, url)),
    );
}

/** The edits after which containerd follows the route; an empty one brings back what was there before our first switch. Pure. */
export function planContainerd(
  route: Route,
  endpoints: readonly MirrorEndpoint[],
  facts: ContainerdFacts,
): PreparedSwitch {
  const { config, folders, record, running } = facts;
  const direct = route.length === 0;
  const names = mirroredNames(endpoints);
  const live = liveMirrors(config, folders);
  for (const { name } of names) refuseForeignFolder(name, facts);
  const ownHosts = Object.keys(record?.files ?? {}).filter((path) => path.endsWith('/hosts.toml'));
  refuseEdited(ownHosts, facts);
  const needed = direct ? [] : containerdPaths(endpoints, undefined);
  const stale = staleEdits(containerdPaths([], record), needed, facts);
  const written = [
    ...endpoints.flatMap((endpoint) => certificateEdits(certificateFolder(endpoint), endpoint, facts)),
    ...names.flatMap((each) => ownedEdit(hostsPath(each.name), hostsText(each, route), facts)),
  ];
  const settings = direct ? configBack(facts) : { edits: configEdit(config), warnings: [] };
  // What a file names must be there before the file is read, and until it no longer is.
  const edits = [...written, ...settings.edits, ...stale.edits.toSorted(hostsFirst)];
  // A switch that was killed may have written config.toml and not come to the restart.
  const forgotten = record?.state === 'switching' && record.original !== undefined && facts.unread;
  const restarts = running && (settings.edits.length > 0 || forgotten);
  if (restarts && !facts.restartable) refuseRestart(direct);
  const ours = names.flatMap(({ name, endpoints: serving }) => serving.map((each) => line(name, urlOf(each))));
  // Whether the user's own folders count is up to the config.toml that the switch leaves.
  const last = settings.edits.length > 0 ? settings.edits[0]?.bytes : config;
  const known = [...(record?.mirrors ?? []), ...ours];
  const foreign = liveMirrors(last, folders).filter((each) => !known.includes(each));
  // Ours are sorted by name as the folders are, and no name is both ours and the user's.
  const expectedMirrors = [...foreign, ...ours].toSorted(byName);
  const settled = direct ? record === undefined : record?.state === 'switched' && same(record.route, route);
  return {
    runtime: 'containerd',
    route,
    nothingToDo: settled && edits.length === 0 && (direct || same(live, expectedMirrors)),
    writer: 'root',
    activate: restarts ? 'restart' : 'nothing',
    edits,
    interim: undefined,
    interimFirst: false,
    liveBefore: running ? live : undefined,
    expectedMirrors,
    ourMirrors: ours,
    original:
      originalOf(record) ?? (!direct && settings.edits.length > 0 ? { path: configFile, bytes: config } : undefined),
    activation: {
      code: restarts ? 'containerd-restarts' : running ? 'containerd-reads-at-every-pull' : 'containerd-stopped',
    },
    restarts: restarts ? ['containerd', ...(facts.dockerFollows ? ['docker'] : [])] : [],
    warnings: [
      ...(restarts && facts.dockerFollows ? [dockerRestartsToo] : []),
      ...(direct ? [] : defaultShadowed(folders)),
      ...settings.warnings,
      ...stale.warnings,
    ],
  };
}

function liveMirrors(config: Uint8Array | undefined, folders: ReadonlyMap<string, CertsFolder>): string[] {
  return configPathIn(config) === 'set' ? containerdMirrors(folders) : [];
}

function urlOf({ authority }: MirrorEndpoint): string {
  return `https://${authority}`;
}

function hostsText({ name, registry, endpoints }: MirroredName, route: Route): string {
  return hostsToml(
    [
      `Written by Mirrorfleet: pulls of ${name} try ${route.join(', then ')} first, then the registry itself.`,
      '"mirrorfleet switch containerd direct" takes this file away.',
    ],
    registry,
    endpoints.map((endpoint) => {
      const [ca, certificate, key] = certificateFiles(certificateFolder(endpoint));
      return { url: urlOf(endpoint), ca, certificate, key };
    }),
  );
}

function configEdit(config: Uint8Array | undefined): FileEdit[] {
  const bytes = withConfigPath(config);
  return bytes === config ? [] : [textEdit(configFile, config, bytes)];
}

/** config.toml as it was before our first switch; where someone edited it since, without what we put in, or left as it is; both with a warning. */
function configBack({ config, record }: ContainerdFacts): { edits: FileEdit[]; warnings: Problem[] } {
  const original = originalOf(record);
  if (record === undefined || original === undefined) return { edits: [], warnings: [] };
  const known = [record.files[configFile], ...record.interim, hashOf(original.bytes)];
  if (known.includes(hashOf(config)))
    return {
      edits: hashOf(config) === hashOf(original.bytes) ? [] : [textEdit(configFile, config, original.bytes)],
      warnings: [],
    };
  const rest = config === undefined ? undefined : withoutConfigPath(config, original.bytes);
  if (rest !== undefined) return { edits: [textEdit(configFile, config, rest)], warnings: [editKept(configFile)] };
  return { edits: [], warnings: [configPathIn(config) === 'set' ? configPathLeft : editKept(configFile)] };
}

/** With a hosts.toml in it, containerd no longer reads certificates that lie in the same folder: one of the user stays as it is. */
function refuseForeignFolder(name: string, { folders, record }: ContainerdFacts): void {
  const files = folders.get(name)?.files ?? [];
  const foreign = files.find((file) => record?.files[`${certsFolder}/${name}/${file}`] === undefined);
  if (foreign !== undefined)
    fail({
      code: 'containerd-folder-not-ours',
      message: `${certsFolder}/${name} is there and not from Mirrorfleet (it holds ${foreign}). Nothing was changed.`,
      hint: 'Move it away if nothing needs it, then switch again.',
    });
}

function defaultShadowed(folders: ReadonlyMap<string, CertsFolder>): Problem[] {
  if (!folders.has('_default')) return [];
  return [
    {
      code: 'containerd-default-shadowed',
      message: `${certsFolder}/_default no longer counts for registries that the node serves; it does for all others.`,
      hint: 'After "direct" it counts for all again.',
      retryable: false,
    },
  ];
}

const dockerRestartsToo: Problem = {
  code: 'docker-restarts-with-containerd',
  message:
    'The unit of this Docker is bound to containerd: it restarts too, and its containers stop unless live-restore is on.',
  hint: 'Choose a moment in which that does no harm.',
  retryable: false,
};

const configPathLeft: Problem = {
  code: 'containerd-config-path-left',
  message: `${configFile} was edited by someone else since the switch, and config_path cannot be told apart from that edit: it stays.`,
  hint: `It does no harm. To be rid of it take config_path = "${certsFolder}" out and restart containerd by hand.`,
  retryable: false,
};

function refuseRestart(direct: boolean): never {
  return fail({
    code: 'containerd-restart-unknown',
    message: 'containerd would have to be restarted once, and how that is done here is not known. Nothing was changed.',
    hint: direct
      ? `Take config_path = "${certsFolder}" out of ${configFile} and restart containerd by hand, then switch again.`
      : `Set config_path = "${certsFolder}" in ${configFile} and restart containerd by hand, then switch again.`,
  });
}

function hostsFirst(a: FileEdit, b: FileEdit): number {
  return Number(b.path.endsWith('/hosts.toml')) - Number(a.path.endsWith('/hosts.toml'));
}

function byName(a: string, b: string): number {
  const [left = '', right = ''] = [a.split(' ')[0], b.split(' ')[0]];
  return left === right ? 0 : left < right ? -1 : 1;
}
