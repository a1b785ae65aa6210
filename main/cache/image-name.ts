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
 * The full name of what a person typed, by Docker's rules: no registry means docker.io, docker.io's one-word names stand in `library/`,
 * no tag means `latest`. A tag beside a digest is dropped, the digest says it all.
 */
export function fullImageName(typed: string): string {
  const [named = '', digest] = typed.split('@', 2);
  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === 'localhost';
  const upstream = hasRegistry ? first : 'docker.io';
  const rest = hasRegistry ? named.slice(slash + 1) : named;
  const colon = rest.lastIndexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const repository = upstream === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  return digest === undefined
    ? imageName({ upstream, repository, tag: colon < 0 ? 'latest' : rest.slice(colon + 1) })
    : imageName({ upstream, repository, digest });
}
