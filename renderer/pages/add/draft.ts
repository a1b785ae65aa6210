import { z } from 'zod';
import { type KnownHost, type NodeRequest, nodeRequestSchema } from '../../../preload/contract/node.ts';
import { usualUpstreams } from './upstream-choice.ts';

/** What a person wrote about a node that is to be: as typed, kept between visits. Nothing secret has a place here. */
const draftSchema = z.object({
  destination: z.string(),
  name: z.string(),
  /** False: the name follows the host; true: the person chose it. */
  ownName: z.boolean(),
  sshPort: z.string(),
  identityFile: z.string(),
  jump: z.string(),
  upstreams: z.array(z.string()),
  address: z.string(),
  port: z.string(),
  base: z.string(),
  installEngine: z.boolean(),
  /** The request as the core took it last; undefined while no node was added. */
  added: nodeRequestSchema.optional(),
  /** When it took it, in ms since 1970: an apply that began later made the node what the draft says. */
  addedAt: z.number().optional(),
});
export type Draft = z.infer<typeof draftSchema>;

const draftKey = 'mirrorfleet-add-node';

export const emptyDraft: Draft = {
  destination: '',
  name: '',
  ownName: false,
  sshPort: '',
  identityFile: '',
  jump: '',
  upstreams: [...usualUpstreams],
  address: '',
  port: '443',
  base: '',
  installEngine: false,
};

/** The draft as it was kept; what does not fit this version is no draft. */
export function readDraft(storage: Pick<Storage, 'getItem'>): Draft {
  try {
    const parsed = draftSchema.safeParse(JSON.parse(storage.getItem(draftKey) ?? ''));
    return parsed.success ? parsed.data : emptyDraft;
  } catch {
    return emptyDraft;
  }
}

/** Keeps the draft on this computer, or forgets it. Only its known fields: nothing that got into the value by mistake gets out. */
export function keepDraft(storage: Pick<Storage, 'setItem' | 'removeItem'>, draft: Draft | undefined): void {
  if (draft === undefined) storage.removeItem(draftKey);
  else storage.setItem(draftKey, JSON.stringify(draftSchema.parse(draft)));
}

/** The draft of a node that is there, to go on with it or to change it. */
export function draftOf(request: NodeRequest, now: number): Draft {
  const { name, target, upstreams, address, port, base } = request;
  return {
    ...emptyDraft,
    name,
    ownName: true,
    destination: target.destination,
    sshPort: target.port === undefined ? '' : String(target.port),
    identityFile: target.identityFile ?? '',
    jump: target.jump ?? '',
    upstreams,
    address: address ?? '',
    port: String(port),
    base: base ?? '',
    added: request,
    addedAt: now,
  };
}

/** A name for the node of a host: its alias, or the first label of its host name; numbered where a node has it already. */
export function suggestedName(destination: string, taken: readonly string[]): string {
  const host = destination
    .trim()
    .replace(/^ssh:\/\//, '')
    .replace(/^.*@/, '')
    .replace(/^([^:]*):\d+$/, '$1');
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':');
  const label = isAddress ? 'node' : (host.split('.')[0] ?? '');
  const plain = label
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 28);
  if (plain === '') return host === '' ? '' : numbered('node', taken);
  return numbered(plain, taken);
}

function numbered(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  for (let number = 2; ; number += 1) if (!taken.includes(`${name}-${number}`)) return `${name}-${number}`;
}

/** The draft with another host; its name follows until the person chose one. */
export function withDestination(draft: Draft, destination: string, taken: readonly string[]): Draft {
  return { ...draft, destination, name: draft.ownName ? draft.name : suggestedName(destination, taken) };
}

export type Field = 'destination' | 'name' | 'sshPort' | 'upstreams' | 'address' | 'port' | 'base';
/** Why a field will not do. */
export type Fault = 'empty' | 'name' | 'name-taken' | 'port' | 'no-upstream' | 'base' | 'spaces';

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

/** What will not do. `taken` are the names of nodes there are; the one that this draft added is its own. */
export function faultsOf(draft: Draft, taken: readonly string[]): Partial<Record<Field, Fault>> {
  const faults: Partial<Record<Field, Fault>> = {};
  if (draft.destination.trim() === '') faults.destination = 'empty';
  else if (/\s/.test(draft.destination.trim())) faults.destination = 'spaces';
  if (draft.name === '') faults.name = 'empty';
  else if (!/^[a-z][a-z0-9-]{0,30}$/.test(draft.name)) faults.name = 'name';
  else if (taken.includes(draft.name) && draft.added?.name !== draft.name) faults.name = 'name-taken';
  if (draft.sshPort !== '' && !isPort(draft.sshPort)) faults.sshPort = 'port';
  if (draft.upstreams.length === 0) faults.upstreams = 'no-upstream';
  if (/\s/.test(draft.address.trim())) faults.address = 'spaces';
  if (!isPort(draft.port)) faults.port = 'port';
  if (draft.base !== '' && !/^\/[^/\s]/.test(draft.base)) faults.base = 'base';
  return faults;
}

/** The draft as the core takes it. Only of a draft without faults. */
export function requestOf(draft: Draft): NodeRequest {
  const text = (value: string): string | undefined => (value.trim() === '' ? undefined : value.trim());
  const [identityFile, jump, address, base] = [draft.identityFile, draft.jump, draft.address, draft.base].map(text);
  return {
    name: draft.name,
    kind: 'ssh',
    target: {
      destination: draft.destination.trim(),
      ...(draft.sshPort === '' ? {} : { port: Number(draft.sshPort) }),
      ...(identityFile === undefined ? {} : { identityFile }),
      ...(jump === undefined ? {} : { jump }),
    },
    upstreams: draft.upstreams,
    ...(address === undefined ? {} : { address }),
    port: Number(draft.port),
    ...(base === undefined ? {} : { base }),
  };
}

/** Whether the core holds this draft as it stands. */
export function isAdded(draft: Draft): boolean {
  return draft.added !== undefined && JSON.stringify(draft.added) === JSON.stringify(requestOf(draft));
}

/** The hosts that a text finds, those that begin with it first. */
export function hostsFor(hosts: readonly KnownHost[], text: string): KnownHost[] {
  const wanted = text.trim().toLowerCase();
  const place = (host: KnownHost): number => {
    const words = [host.alias, host.hostName ?? '', host.user ?? ''].map((each) => each.toLowerCase());
    if (words[0]?.startsWith(wanted)) return 0;
    return words.some((each) => each.includes(wanted)) ? 1 : 2;
  };
  return hosts
    .map((host) => ({ host, at: place(host) }))
    .filter(({ at }) => at < 2)
    .toSorted((a, b) => a.at - b.at || a.host.alias.localeCompare(b.host.alias))
    .map(({ host }) => host);
}
