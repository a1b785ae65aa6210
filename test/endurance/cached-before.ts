import type { SeededImage } from '../lab/images/seeded-image.ts';
import type { Machine } from '../lab/lab.ts';
import type { PullOrder } from './load-client.ts';

const store = 'docker/registry/v2';
const hexOf = (digest: string): string => digest.replace('sha256:', '');

/**
 * Whether everything that a pull of an image's platform asks for is in the node's cache and was there before that time (milliseconds since
 * 1970): looked up file by file, so that it may also be asked after the pull. What was pruned meanwhile counts as not cached.
 */
export async function cachedBefore(
  server: Machine,
  image: SeededImage,
  { platform, by }: Pick<PullOrder, 'platform' | 'by'>,
  began: number,
): Promise<boolean> {
  const { upstream, repository, digest, platforms, tags } = image;
  const wanted = platforms[platform];
  if (wanted === undefined) return false;
  const manifests = [...new Set([digest, wanted.manifestDigest])];
  const layers = [wanted.configDigest, ...wanted.layers.map((layer) => layer.digest)];
  const links = `${upstream}/${store}/repositories/${repository}`;
  const tag = `${links}/_manifests/tags/${tags[0]}`;
  // A tag's link is written anew at each pull, so only its folder has an age. But a prune takes all tags' links first and their folders
  // later: the link has to be there too. What was only pulled by digest has no tag.
  const [ageless, aged] = by === 'tag' ? [[`${tag}/current/link`], [tag]] : [[], []];
  const files = [
    ...ageless,
    ...aged,
    ...manifests.map((each) => `${links}/_manifests/revisions/sha256/${hexOf(each)}/link`),
    ...layers.map((each) => `${links}/_layers/sha256/${hexOf(each)}/link`),
    ...[...manifests, ...layers].map((each) => `blobs/sha256/${hexOf(each).slice(0, 2)}/${hexOf(each)}/data`),
  ];
  const looked = await server.exec(['stat', '-c', '%.3Y', ...files.map((file) => `/opt/mirrorfleet/data/${file}`)]);
  return (
    looked.code === 0 &&
    looked.stdout
      .trim()
      .split('\n')
      .slice(ageless.length)
      .every((seconds) => Number(seconds) * 1000 < began)
  );
}
