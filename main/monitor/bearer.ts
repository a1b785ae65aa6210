/** Where an upstream says that anonymous tokens are to be had. */
export interface Challenge {
  readonly realm: string;
  readonly service?: string;
  readonly scope?: string;
}

/** Reads `WWW-Authenticate: Bearer realm="…",service="…",scope="…"`; undefined for any other scheme. Pure. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  if (header === undefined || !/^bearer\s/i.test(header)) return undefined;
  const fields = new Map<string, string>();
  for (const [, key, quoted, bare] of header.slice(6).matchAll(/([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))/gi)) {
    if (key !== undefined) fields.set(key.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '');
  }
  const realm = fields.get('realm');
  if (realm === undefined || !URL.canParse(realm)) return undefined;
  const [service, scope] = [fields.get('service'), fields.get('scope')];
  return { realm, ...(service !== undefined && { service }), ...(scope !== undefined && { scope }) };
}

/** The token's address: the realm with service and scope as its query. */
export function tokenQuery(challenge: Challenge, scope: string): URLSearchParams {
  const query = new URLSearchParams();
  if (challenge.service !== undefined) query.set('service', challenge.service);
  query.set('scope', challenge.scope ?? scope);
  return query;
}

/** A token and when it ends (ms since 1970), from a token server's JSON; undefined where there is none. Servers that name no lifetime mean 60 s. */
export function parseToken(body: string, now: number): { readonly token: string; readonly until: number } | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(json));
  const token = fields.get('token') ?? fields.get('access_token');
  if (typeof token !== 'string' || token === '') return undefined;
  const seconds = fields.get('expires_in');
  return { token, until: now + (typeof seconds === 'number' && seconds > 0 ? seconds : 60) * 1000 };
}
