import { upstreamOf } from '../fleet/upstreams.ts';

/** A cached image as a person names it. By its tag where it has one, else by its digest. */
export interface ImageName {
  readonly upstream: string;
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}

/** `docker.io/library/nginx:alpine`, or `ghcr.io/a/b@sha256:…` for what was pulled by digest only. */
export function imageName(image: ImageName): string {
  const name = `${image.upstream}/${image.repository}`;
  return image.tag === undefined ? `${name}@${image.digest ?? ''}` : `${name}:${image.tag}`;
}

/**
 * A name as a person types it, taken apart by Docker's rules: no registry means docker.io, docker.io's one-word names stand in `library/`, and
 * a registry's other names are its own. Nothing is checked.
 */
export function typedName(typed: string): ImageName {
  const [named = '', digest] = typed.split('@', 2);
  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === 'localhost';
  const upstream = hasRegistry ? upstreamOf(first).id : 'docker.io';
  const rest = hasRegistry ? named.slice(slash + 1) : named;
  const colon = rest.lastIndexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const repository = upstream === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  return { upstream, repository, tag: colon < 0 ? undefined : rest.slice(colon + 1), digest };
}

/** The full name of the image that a person typed: no tag means `latest`. A tag beside a digest is dropped, the digest says it all. */
export function fullImageName(typed: string): string {
  const { upstream, repository, tag = 'latest', digest } = typedName(typed);
  return imageName({ upstream, repository, ...(digest === undefined ? { tag } : { digest }) });
}
