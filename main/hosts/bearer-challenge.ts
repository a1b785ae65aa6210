/** What a registry asks for in `WWW-Authenticate: Bearer …`: a token from `realm`, for a service and a scope. */
export interface BearerChallenge {
  readonly realm: string;
  readonly service: string | undefined;
  readonly scope: string | undefined;
}

/** Parses a challenge; undefined for any other scheme or without a usable realm. Quoted values may hold commas and escapes. */
export function parseBearerChallenge(header: string): BearerChallenge | undefined {
  const start = /(?:^|,\s*)bearer\s+/i.exec(header);
  if (start === null) return undefined;
  const values = new Map<string, string>();
  const parameter = /\s*([a-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,|$)/iy;
  parameter.lastIndex = start.index + start[0].length;
  for (let found = parameter.exec(header); found !== null; found = parameter.exec(header)) {
    values.set((found[1] ?? '').toLowerCase(), found[2]?.replace(/\\(.)/g, '$1') ?? found[3] ?? '');
  }
  const realm = values.get('realm');
  if (realm === undefined || !URL.canParse(realm) || !/^https?:$/.test(new URL(realm).protocol)) return undefined;
  return { realm, service: values.get('service'), scope: values.get('scope') };
}

/** Where to fetch the token that answers a challenge, as an anonymous caller. */
export function tokenUrl(challenge: BearerChallenge): URL {
  const url = new URL(challenge.realm);
  if (challenge.service !== undefined) url.searchParams.set('service', challenge.service);
  for (const scope of challenge.scope?.split(' ') ?? []) url.searchParams.append('scope', scope);
  return url;
}
