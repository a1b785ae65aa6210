import { parse } from 'smol-toml';
import { z } from 'zod';

/** A mirror in a hosts.toml: its URL without a path (the edge knows the upstream by `ns`), and the files it is met with. */
export interface HostEntry {
  readonly url: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/**
 * A hosts.toml: these mirrors in order, then `server`, the registry itself. Tables are headers, never inline: containerd 2.x drops those.
 * No `referrers` capability, which 1.6 and 1.7 do not know: an unknown one makes them ignore the whole file. Pure.
 */
export function hostsToml(head: readonly string[], server: string, hosts: readonly HostEntry[]): string {
  const tables = hosts.map(({ url, ca, certificate, key }) =>
    [
      `[host.${quoted(url)}]`,
      '  capabilities = ["pull", "resolve"]',
      `  ca = ${quoted(ca)}`,
      `  client = [[${quoted(certificate)}, ${quoted(key)}]]`,
    ].join('\n'),
  );
  const text = `${head.map((line) => `# ${line}\n`).join('')}\n${[`server = ${quoted(server)}`, ...tables].join('\n\n')}\n`;
  const meant = Object.fromEntries(
    hosts.map(({ url, ca, certificate, key }) => [
      url,
      { capabilities: ['pull', 'resolve'], ca, client: [[certificate, key]] },
    ]),
  );
  // Compared as text: TOML objects have no prototype, and V8 13.6 can read the key "\"" back from JSON as "\\".
  if (JSON.stringify(parse(text)) !== JSON.stringify(hosts.length === 0 ? { server } : { server, host: meant }))
    throw new Error('the hosts.toml does not say what was meant');
  return text;
}

const hostsSchema = z.object({ host: z.record(z.string(), z.unknown()).optional() });

/** URLs of the mirrors in a hosts.toml, in order; none for one that does not parse, which containerd ignores too. Pure. */
export function mirrorsInHostsToml(bytes: Uint8Array): readonly string[] {
  try {
    return Object.keys(hostsSchema.parse(parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))).host ?? {});
  } catch {
    return [];
  }
}

/** A TOML basic string; JSON's escapes are all TOML's too. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
