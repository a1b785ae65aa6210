import { isDeepStrictEqual } from 'node:util';
import { parse } from 'smol-toml';
import { type AST, getStaticTOMLValue, parseTOML } from 'toml-eslint-parser';
import { z } from 'zod';
import { fail } from '../../../preload/contract/problem.ts';

/** Where containerd 1.6 and 1.7 keep the CRI's registry settings. */
const cri = 'io.containerd.grpc.v1.cri';
const registryPath = ['plugins', cri, 'registry'];
const header = `[plugins."${cri}".registry]`;
/** The only folder that is written. */
export const certsFolder = '/etc/containerd/certs.d';
const bom = '\uFEFF';

const table = z.record(z.string(), z.unknown());
const configSchema = z.object({
  version: z.number().optional(),
  imports: z.array(z.string()).default([]),
  disabled_plugins: z.array(z.string()).default([]),
  plugins: table.default({}),
});
const registrySchema = z.object({
  config_path: z.string().default(''),
  mirrors: table.default({}),
  configs: table.default({}),
  auths: table.default({}),
});

/** Whether a config.toml (undefined: none, containerd's defaults) lets the CRI read our folder: `set`, or `missing` and can be added. */
export function configPathIn(bytes: Uint8Array | undefined): 'set' | 'missing' {
  const { registry } = read(bytes);
  if (registry.config_path === '') return 'missing';
  // A list: the first folder that has the registry's directory is used.
  if (registry.config_path.split(':')[0] === certsFolder) return 'set';
  return refuse(
    'containerd-config-path-elsewhere',
    `its config_path is ${registry.config_path}, which is not written yet`,
    `Set it to ${certsFolder}, or put that folder first.`,
  );
}

/** The file with `config_path` set and every other byte kept. Throws a `containerd-config-…` Problem for a form that cannot be edited safely. */
export function withConfigPath(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) return encode(`version = 2\n\n${header}\n  config_path = "${certsFolder}"\n`);
  if (configPathIn(bytes) === 'set') return bytes;
  const { text, head } = decode(bytes);
  const edited = encode(head + spliced(text, text.includes('\r\n') ? '\r\n' : '\n'));
  return checked(bytes, edited, certsFolder) ? edited : refuseForm();
}

/**
 * The file of someone who edited it after us, without what we put in; undefined where that cannot be told apart safely. `original` and
 * `ours` are the bytes of before and after our own edit.
 */
export function withoutConfigPath(current: Uint8Array, original: Uint8Array | undefined): Uint8Array | undefined {
  if (original === undefined) return undefined;
  const before = decode(original).text;
  const after = decode(withConfigPath(original)).text;
  let from = 0;
  while (from < before.length && before[from] === after[from]) from += 1;
  let end = 0;
  while (end < before.length - from && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  if (from + end < before.length) return undefined;
  const inserted = after.slice(from, after.length - end);
  const { text, head } = decode(current);
  const at = text.indexOf(inserted);
  if (at < 0 || text.includes(inserted, at + 1)) return undefined;
  const edited = encode(head + text.slice(0, at) + text.slice(at + inserted.length));
  return checked(edited, current, certsFolder) ? edited : undefined;
}

function spliced(text: string, eol: string): string {
  const tables = parseTOML(text).body[0].body.filter((node) => node.type === 'TOMLTable');
  const own = tables.find((node) => isDeepStrictEqual(node.resolvedKey, registryPath));
  const line = `config_path = "${certsFolder}"`;
  if (own === undefined) {
    const gap = text === '' || text.endsWith('\n') ? '' : eol;
    return `${text}${gap}${eol}${header}${eol}  ${line}${eol}`;
  }
  const value = own.body.find((pair) => keyOf(pair) === 'config_path')?.value;
  if (value !== undefined) return `${text.slice(0, value.range[0])}"${certsFolder}"${text.slice(value.range[1])}`;
  const lineEnd = text.indexOf('\n', text.indexOf(']', own.key.range[1]));
  const indent = /[ \t]*$/.exec(text.slice(0, own.range[0]))?.[0] ?? '';
  return lineEnd < 0
    ? `${text}${eol}${indent}  ${line}${eol}`
    : `${text.slice(0, lineEnd + 1)}${indent}  ${line}${eol}${text.slice(lineEnd + 1)}`;
}

function keyOf(pair: AST.TOMLKeyValue): string {
  return pair.key.keys.map((each) => (each.type === 'TOMLBare' ? each.name : each.value)).join('.');
}

/** Whether the second is the first with the path set and nothing else changed, as two parsers see it. */
function checked(without: Uint8Array, withPath: Uint8Array, path: string): boolean {
  try {
    const meant = setPath(plain(parse(decode(without).text)), path);
    const text = decode(withPath).text;
    return (
      isDeepStrictEqual(plain(parse(text)), meant) &&
      isDeepStrictEqual(plain(getStaticTOMLValue(parseTOML(text))), meant)
    );
  } catch {
    return false;
  }
}

/** Plain data: TOML objects have no prototype, and dates are compared by their text. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function setPath(value: unknown, path: string): unknown {
  const root = table.parse(value);
  const plugins = table.parse(root['plugins'] ?? {});
  const criPart = table.parse(plugins[cri] ?? {});
  const registry = { ...table.parse(criPart['registry'] ?? {}), config_path: path };
  return { ...root, plugins: { ...plugins, [cri]: { ...criPart, registry } } };
}

function read(bytes: Uint8Array | undefined): { registry: z.infer<typeof registrySchema> } {
  if (bytes === undefined) return { registry: registrySchema.parse({}) };
  const config = shaped(() => configSchema.parse(plain(parse(decode(bytes).text))));
  if (config.version !== 2)
    return refuse(
      'containerd-config-version',
      `it is of version ${config.version ?? 1}, and only version 2 is written`,
      'Bring it to version 2: containerd config migrate, or containerd config default',
    );
  if (config.imports.length > 0)
    return refuse(
      'containerd-config-imports',
      'it imports other files, which may replace the whole CRI section',
      'Move what they say into config.toml and take the imports out.',
    );
  if (config.disabled_plugins.some((each) => each === 'cri' || each === cri))
    return refuse(
      'containerd-cri-disabled',
      'it disables the CRI plugin, so nothing on this computer pulls by its registry settings',
      'Take "cri" out of disabled_plugins if Kubernetes or crictl should use this containerd.',
    );
  const criPart = shaped(() => table.parse(config.plugins[cri] ?? {}));
  const registry = shaped(() => registrySchema.parse(criPart['registry'] ?? {}));
  if ([registry.mirrors, registry.configs, registry.auths].some((each) => Object.keys(each).length > 0))
    return refuse(
      'containerd-legacy-mirrors',
      'it has registry.mirrors, configs or auths; together with config_path the CRI plugin would not load',
      `Move them to ${certsFolder} by hand (containerd's docs/hosts.md), then switch again.`,
    );
  return { registry };
}

function shaped<T>(body: () => T): T {
  try {
    return body();
  } catch (cause) {
    return fail(
      {
        code: 'containerd-config-syntax',
        message:
          'containerd’s config.toml cannot be used: it is no TOML that containerd would take. Nothing was changed.',
        hint: 'Look at it with: containerd config dump',
        detail: { reason: String(cause).slice(0, 500) },
      },
      { cause },
    );
  }
}

function refuseForm(): never {
  return refuse(
    'containerd-config-form',
    'its registry settings stand in a form (inline or dotted) that cannot be edited without touching other bytes',
    `Add this table by hand and restart containerd: ${header} config_path = "${certsFolder}"`,
  );
}

function refuse(code: string, what: string, hint: string): never {
  return fail({ code, message: `containerd’s config.toml cannot be used: ${what}. Nothing was changed.`, hint });
}

function decode(bytes: Uint8Array): { readonly text: string; readonly head: string } {
  const text = shaped(() => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  return text.startsWith(bom) ? { head: bom, text: text.slice(1) } : { head: '', text };
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
