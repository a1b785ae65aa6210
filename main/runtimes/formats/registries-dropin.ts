import { parse } from 'smol-toml';

/** A mirror in registries.conf; `location` without a scheme, which kills every command that loads the file. */
export interface DropInMirror {
  readonly location: string;
  readonly insecure?: boolean;
  readonly pullFromMirror?: string;
}

/** One `[[registry]]` with its mirrors, asked in order before the registry itself. Never insecure: that would spoil every pull past a mirror. */
export interface DropInRegistry {
  readonly prefix: string;
  readonly mirrors: readonly DropInMirror[];
}

/** A drop-in for registries.conf.d (schema v2). `head` stands above as comments. Pure. */
export function registriesDropIn(head: readonly string[], registries: readonly DropInRegistry[]): string {
  const tables = registries.map(({ prefix, mirrors }) =>
    [
      '[[registry]]',
      `prefix = ${quoted(prefix)}`,
      `location = ${quoted(prefix)}`,
      ...mirrors.flatMap(({ location, insecure, pullFromMirror }) => [
        '',
        '[[registry.mirror]]',
        `location = ${quoted(location)}`,
        ...(insecure === true ? ['insecure = true'] : []),
        ...(pullFromMirror ? [`pull-from-mirror = ${quoted(pullFromMirror)}`] : []),
      ]),
    ].join('\n'),
  );
  const text = `${head.map((line) => `# ${line}\n`).join('')}\n${tables.join('\n\n')}\n`;
  const meant = registries.map(({ prefix, mirrors }) => ({
    prefix,
    location: prefix,
    ...(mirrors.length === 0 ? {} : { mirror: mirrors.map(asToml) }),
  }));
  // Compared as text, since TOML objects have no prototype.
  if (JSON.stringify(parse(text)) !== JSON.stringify(registries.length === 0 ? {} : { registry: meant }))
    throw new Error('the drop-in does not say what was meant');
  return text;
}

function asToml({ location, insecure, pullFromMirror }: DropInMirror): object {
  return {
    location,
    ...(insecure === true ? { insecure } : {}),
    ...(pullFromMirror ? { 'pull-from-mirror': pullFromMirror } : {}),
  };
}

/** A TOML basic string; JSON's escapes are all TOML's too. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
