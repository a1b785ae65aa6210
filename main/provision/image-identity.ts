import type { ImageSource } from '../../preload/contract/node.ts';
import type { ImageRecord } from './node-state.ts';
import type { Observed, ObservedImage } from './observed.ts';

/** The two programs a node runs. */
export type ImageName = 'registry' | 'envoy';
export const imageNames: readonly ImageName[] = ['registry', 'envoy'];
export type NodeImages = Readonly<Record<ImageName, ImageSource>>;

/** Where an image stands: on the server under an exact identity, or still to be brought there. */
export type ImageStanding =
  | { readonly kind: 'present'; readonly record: ImageRecord }
  | { readonly kind: 'missing'; readonly source: ImageSource };
export type ImageStandings = Readonly<Record<ImageName, ImageStanding>>;

/** `repository`, `tag` and `digest` of a reference; a port's colon is not a tag's. */
export function parseReference(reference: string): { repository: string; tag?: string; digest?: string } {
  const [name = '', digest] = reference.split('@', 2);
  const tagged = /^(.+):([\w][\w.-]{0,127})$/.exec(name);
  const isTag = tagged?.[2] !== undefined && !tagged[2].includes('/');
  return {
    repository: isTag && tagged[1] !== undefined ? tagged[1] : name,
    ...(isTag && tagged[2] !== undefined ? { tag: tagged[2] } : {}),
    ...(digest ? { digest } : {}),
  };
}

/** Docker drops `docker.io/` and `docker.io/library/` when it prints a name. */
function familiar(repository: string): string {
  return repository.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
}

/**
 * The exact name a Compose file should use: `repository:tag@sha256:…` where a registry vouched for the content, so that a person can pull
 * the same again; otherwise the engine's own id, which no registry can ever answer for.
 */
export function identityOf(reference: string, image: Pick<ObservedImage, 'id' | 'digests'>): string {
  const { repository, tag, digest } = parseReference(reference);
  const known = image.digests
    .map((each) => each.split('@', 2))
    .filter(([name]) => name !== undefined && familiar(name) === familiar(repository))
    .map(([, found]) => found);
  const chosen = digest !== undefined && known.includes(digest) ? digest : known[0];
  if (chosen === undefined || !/^sha256:[0-9a-f]{64}$/.test(chosen)) return image.id;
  return `${repository}${tag === undefined ? '' : `:${tag}`}@${chosen}`;
}

/** The ids of the images that Mirrorfleet itself brought to the server, as its own list there says. */
export function broughtImages(observed: Pick<Observed, 'files'>): readonly string[] {
  return (observed.files['.brought']?.text ?? '').split('\n').filter((line) => /^sha256:[0-9a-f]{64}$/.test(line));
}

/**
 * Where both images stand. What the node's state recorded holds as long as that image is there under that identity and the setting still
 * names the same reference: a tag that moved elsewhere changes nothing, and no registry is asked.
 */
export function imageStandings(images: NodeImages, observed: Observed): ImageStandings {
  const standing = (name: ImageName): ImageStanding => {
    const source = images[name];
    const recorded = observed.state?.images[name];
    if (recorded?.reference === source.reference && observed.images[recorded.identity]?.id === recorded.id) {
      return { kind: 'present', record: recorded };
    }
    const found = observed.images[source.reference];
    if (found === undefined) return { kind: 'missing', source };
    return {
      kind: 'present',
      record: imageRecord(source.reference, found, broughtImages(observed).includes(found.id)),
    };
  };
  return { registry: standing('registry'), envoy: standing('envoy') };
}

export function imageRecord(reference: string, image: ObservedImage, ours: boolean): ImageRecord {
  return { reference, identity: identityOf(reference, image), id: image.id, tags: [...image.tags], ours };
}

/** What the Compose file names; a missing image stands in with its reference until it is there. */
export function imageIdentities(standings: ImageStandings): Record<ImageName, string> {
  const identity = (each: ImageStanding): string =>
    each.kind === 'present' ? each.record.identity : each.source.reference;
  return { registry: identity(standings.registry), envoy: identity(standings.envoy) };
}
