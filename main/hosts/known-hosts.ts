import { createHash, createHmac } from 'node:crypto';

/** One usable line of a known_hosts file. `names` is its first field as written: patterns, or one hashed name. */
export interface KnownHost {
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  readonly names: string;
  readonly type: string;
  /** The key itself, base64 as written. */
  readonly key: string;
}

/** What known_hosts says of a key a server shows. `known` are the fingerprints it lists for that server instead. */
export type KnownHostAnswer =
  | { readonly kind: 'trusted' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly known: readonly { readonly type: string; readonly fingerprint: string }[] }
  | { readonly kind: 'revoked' };

/** The lines of a known_hosts file that mean something; comments, blanks and broken lines are passed over, as ssh does. */
export function parseKnownHosts(text: string): KnownHost[] {
  return text.split('\n').flatMap((line): KnownHost[] => {
    const fields = line.trim().split(/[ \t]+/);
    if (fields[0] === undefined || fields[0] === '' || fields[0].startsWith('#')) return [];
    const marker = fields[0] === '@revoked' ? 'revoked' : fields[0] === '@cert-authority' ? 'cert-authority' : 'none';
    if (marker === 'none' && fields[0].startsWith('@')) return [];
    const [names, type, key] = marker === 'none' ? fields : fields.slice(1);
    if (names === undefined || type === undefined || key === undefined) return [];
    return [{ marker, names, type, key }];
  });
}

/** Whether a line's names cover a server, given as known_hosts writes it: `host`, or `[host]:port`. A negated match wins. */
export function namesMatch(names: string, name: string): boolean {
  if (names.startsWith('|')) return hashedMatch(names, name);
  const patterns = names.split(',');
  const covers = (pattern: string) => wildcardMatch(pattern.toLowerCase(), name.toLowerCase());
  if (patterns.some((pattern) => pattern.startsWith('!') && covers(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && covers(pattern));
}

/** `|1|salt|hash`: hash = HMAC-SHA1 of the name under the salt, both base64 (`ssh-keygen -H`). The name is hashed in lower case. */
function hashedMatch(hashed: string, name: string): boolean {
  const [, version, salt, hash] = hashed.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name.toLowerCase()).digest('base64') === hash;
}

/** `*` any run of characters, `?` any one; brackets stand for themselves (`[host]:2222`). Linear in practice, never exponential. */
function wildcardMatch(pattern: string, text: string): boolean {
  let at = 0;
  let position = 0;
  let star = -1;
  let retry = 0;
  while (position < text.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at++;
      retry = position;
    } else if (wanted === '?' || (wanted !== undefined && wanted === text[position])) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++retry;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

/** A key's SHA-256 fingerprint as `ssh-keygen -l` prints it. */
export function fingerprintOf(key: Uint8Array | string): string {
  const bytes = typeof key === 'string' ? Buffer.from(key, 'base64') : key;
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`;
}

/** The type a public key blob carries in its own first field (`ssh-ed25519`). */
export function keyTypeOf(key: Uint8Array): string {
  const buffer = Buffer.from(key);
  return buffer.length < 4 ? '' : buffer.subarray(4, 4 + buffer.readUInt32BE(0)).toString('latin1');
}

/** Key types listed for a server, so that the handshake can ask for one that can be compared. */
export function knownTypes(entries: readonly KnownHost[], name: string): string[] {
  const types = entries
    .filter((entry) => entry.marker === 'none' && namesMatch(entry.names, name))
    .map((entry) => entry.type);
  return [...new Set(types)];
}

/**
 * What the given lines say of the key a server shows under its name. A server that is listed with other keys only is `changed`, also
 * when the types differ: whoever sits in between could offer just a type that is not listed. `@cert-authority` lines never vouch for
 * anything, because host certificates cannot be checked here.
 */
export function judgeKnownHosts(entries: readonly KnownHost[], name: string, key: Uint8Array): KnownHostAnswer {
  const shown = Buffer.from(key).toString('base64');
  const same = (entry: KnownHost) => Buffer.from(entry.key, 'base64').toString('base64') === shown;
  const listed = entries.filter((entry) => namesMatch(entry.names, name));
  if (listed.some((entry) => entry.marker === 'revoked' && same(entry))) return { kind: 'revoked' };
  const plain = listed.filter((entry) => entry.marker === 'none');
  if (plain.some(same)) return { kind: 'trusted' };
  if (plain.length === 0) {
    // Like ssh: a key listed for the bare name also vouches for another port of that name, but never speaks against it.
    const bare = /^\[(.+)\]:\d+$/.exec(name)?.[1];
    return bare !== undefined && judgeKnownHosts(entries, bare, key).kind === 'trusted'
      ? { kind: 'trusted' }
      : { kind: 'unknown' };
  }
  return {
    kind: 'changed',
    known: plain.map((entry) => ({ type: entry.type, fingerprint: fingerprintOf(entry.key) })),
  };
}
