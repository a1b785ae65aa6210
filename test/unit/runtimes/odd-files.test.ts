import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import {
  certsFolder,
  configPathIn,
  withConfigPath,
  withoutConfigPath,
} from '../../../main/runtimes/formats/containerd-config.ts';
import { readDaemonJson, withMirrors, withoutMirrors } from '../../../main/runtimes/formats/daemon-json.ts';
import { hostsToml, mirrorsInHostsToml } from '../../../main/runtimes/formats/hosts-toml.ts';
import { registriesDropIn } from '../../../main/runtimes/formats/registries-dropin.ts';
import { ProblemError } from '../../../preload/contract/problem.ts';

const ours = ['https://203.0.113.11:443', 'https://tokyo.example:8443'];
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
const utf16 = (text: string, order: 'le' | 'be'): Uint8Array => {
  const bytes = Buffer.from(text, 'utf16le');
  return new Uint8Array(order === 'le' ? bytes : bytes.swap16());
};

/** What an editor gives back for a file: its bytes, or the code it is refused with. Any other error is a fault, and so is a changed input. */
function outcome(edit: (bytes: Uint8Array) => Uint8Array | undefined, bytes: Uint8Array): Uint8Array | string {
  const before = Uint8Array.from(bytes);
  try {
    return edit(bytes) ?? 'left';
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.code;
    throw error;
  } finally {
    expect(bytes).toEqual(before);
  }
}

const setMirrors = (bytes: Uint8Array) => outcome((each) => withMirrors(each, ours), bytes);

describe('a daemon.json', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['a comment in a line', '{\n  "debug": true // on\n}', 'daemon-json-syntax'],
    ['a comment in a block', '{ /* on */ "debug": true }', 'daemon-json-syntax'],
    ['a comment as people write them in YAML', '# on\n{}', 'daemon-json-syntax'],
    ['a trailing comma in a list', '{"dns":["1.1.1.1",]}', 'daemon-json-syntax'],
    ['single quotes', "{'debug':true}", 'daemon-json-syntax'],
    ['two objects', '{}{}', 'daemon-json-syntax'],
    ['half a file', '{"debug":true', 'daemon-json-syntax'],
    ['a bare word', 'debug', 'daemon-json-syntax'],
    ['a line break in a text', '{"a":"x\ny"}', 'daemon-json-syntax'],
    ['a string', '"debug"', 'daemon-json-not-object'],
    ['a number', '7', 'daemon-json-not-object'],
    ['a list of objects', '[{}]', 'daemon-json-not-object'],
    ['the mirrors twice', '{"registry-mirrors":[],"registry-mirrors":[]}', 'daemon-json-duplicate-key'],
    ['a key twice, deep down', '{"a":[{"b":{"c":1,"c":2}}]}', 'daemon-json-duplicate-key'],
    ['mirrors of a wrong type', '{"registry-mirrors":{"a":"b"}}', 'daemon-json-mirrors-type'],
    ['a mirror that is null', '{"registry-mirrors":[null]}', 'daemon-json-mirrors-type'],
    ['mirrors that are true', '{"registry-mirrors":true}', 'daemon-json-mirrors-type'],
    ['UTF-16 with a mark', utf16('\uFEFF{}', 'le'), 'daemon-json-utf16'],
    ['UTF-16 with a mark, the other way round', utf16('\uFEFF{}', 'be'), 'daemon-json-utf16'],
    ['UTF-16 without a mark', utf16('{"a":1}', 'le'), 'daemon-json-nul'],
    ['a NUL in the middle', '{"a":"\0"}', 'daemon-json-nul'],
    ['NULs as after a power cut', new Uint8Array(4096), 'daemon-json-nul'],
    ['Latin-1', new Uint8Array(Buffer.from('{"a":"é"}', 'latin1')), 'daemon-json-not-utf8'],
    ['a megabyte', `{"a":"${'x'.repeat(1 << 20)}"}`, 'daemon-json-too-large'],
    ['lists in lists without end', `{"a":${'['.repeat(100_000)}`, 'daemon-json-too-deep'],
    ['a hundred thousand lists in lists', `{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, 'daemon-json-too-deep'],
    ['ten thousand objects in objects', `${'{"a":'.repeat(1e4)}1${'}'.repeat(1e4)}`, 'daemon-json-too-deep'],
  ])('with %s is refused by name and left', (_, content, code) => {
    expect(setMirrors(typeof content === 'string' ? bytesOf(content) : content)).toBe(code);
  });

  test('of a megabyte to the byte is read, and one of a byte more is not', () => {
    const sized = (bytes: number) => bytesOf(`{"a":"${'x'.repeat(bytes - 8)}"}`);
    expect(readDaemonJson(sized(1024 ** 2))).toEqual({ mirrors: undefined, blank: false });
    expect(() => readDaemonJson(sized(1024 ** 2 + 1))).toThrow(/it has 1048577 bytes/);
  });

  test.each<[string, string]>([
    ['a mark at its beginning', '\uFEFF{\n  "debug": true\n}\n'],
    ['CRLF', '{\r\n  "debug": true\r\n}\r\n'],
    ['CR alone', '{\r  "debug": true\r}\r'],
    ['tabs', '{\n\t"debug": true\n}\n'],
    ['no final newline', '{\n  "debug": true\n}'],
    ['many at its end', '{\n  "debug": true\n}\n\n\n'],
    ['all in a line', '{"debug":true}'],
    ['mirrors that are null', '{"registry-mirrors":null,"debug":true}'],
    ['mirrors in the middle', '{"a":1,"registry-mirrors":["https://x"],"debug":true}'],
    ['braces and commas in its texts', '{"log-opts":{"tag":"{{.Name}}, // no comment"},"debug":true}'],
    ['300 kB of its own', `{"labels":[${'"x=\\u00e9",'.repeat(27_000)}"y=1"],"debug":true}`],
    ['lists in lists, as many as anybody writes', `{"a":${'['.repeat(400)}${']'.repeat(400)},"debug":true}`],
    ['keys of JavaScript', '{"__proto__":{"a":1},"constructor":1,"toString":2,"debug":true}'],
  ])('with %s means the same but for its mirrors, and comes back to the byte', (_, content) => {
    const before = bytesOf(content);
    const after = setMirrors(before);
    if (typeof after === 'string') throw new Error(`it was refused: ${after}`);
    const plain = content.replace(/^\uFEFF/, '');
    expect(JSON.parse(textOf(after).replace(/^\uFEFF/, ''))).toEqual({
      ...(JSON.parse(plain) as object),
      ...(plain.includes('__proto__') ? (JSON.parse('{"__proto__":{"a":1}}') as object) : {}),
      'registry-mirrors': ours,
    });
    if (readDaemonJson(before).mirrors === undefined && !plain.includes('registry-mirrors'))
      expect(textOf(withoutMirrors(after))).toBe(content);
  });
});

const table = '[plugins."io.containerd.grpc.v1.cri".registry]';
const setPath = (bytes: Uint8Array) => outcome(withConfigPath, bytes);

describe("containerd's config.toml", () => {
  test.each<[string, string | Uint8Array, string]>([
    ['a key twice', 'version = 2\nversion = 2\n', 'containerd-config-syntax'],
    ['a table twice', `version = 2\n${table}\n${table}\n`, 'containerd-config-syntax'],
    ['a comma after its last value', 'version = 2\ndisabled_plugins = ["a",,]\n', 'containerd-config-syntax'],
    ['JSON in it', '{"version": 2}', 'containerd-config-syntax'],
    ['a version that is a text', 'version = "2"\n', 'containerd-config-syntax'],
    ['a path that is a number', `version = 2\n${table}\nconfig_path = 7\n`, 'containerd-config-syntax'],
    ['UTF-16', utf16('\uFEFFversion = 2\n', 'le'), 'containerd-config-syntax'],
    ['a NUL', 'version = 2\n# \0\n', 'containerd-config-syntax'],
    ['CR alone', 'version = 2\rroot = "/x"\r', 'containerd-config-syntax'],
    ['Latin-1', new Uint8Array(Buffer.from('version = 2 # é\n', 'latin1')), 'containerd-config-syntax'],
    ['half a table', 'version = 2\n[plugins."io.contai', 'containerd-config-syntax'],
    ['lists in lists without end', `version = 2\na = ${'['.repeat(100_000)}`, 'containerd-config-syntax'],
    ['lists in lists', `version = 2\na = ${'['.repeat(1e5)}${']'.repeat(1e5)}\n`, 'containerd-config-syntax'],
  ])('with %s is refused by name and left', (_, content, code) => {
    expect(setPath(typeof content === 'string' ? bytesOf(content) : content)).toBe(code);
  });

  test.each<[string, string]>([
    ['a mark at its beginning', '\uFEFFversion = 2\n'],
    ['CRLF', `version = 2\r\n${table}\r\n  x = 1\r\n`],
    ['tabs', `version = 2\n${table}\n\tx = 1\n`],
    ['no final newline', `version = 2\n${table}`],
    ['a note behind the table', `version = 2\n${table} # mine ]\n`],
    ['no table of the registry', 'version = 2\n[debug]\nlevel = "info"'],
    ['300 kB of its own', `version = 2\n${'# a note that somebody left here\n'.repeat(9_400)}`],
  ])('with %s gets the path and loses it again to the byte', (_, content) => {
    const before = bytesOf(content);
    const after = setPath(before);
    if (typeof after === 'string') throw new Error(`it was refused: ${after}`);
    expect(configPathIn(after)).toBe('set');
    expect(textOf(withoutConfigPath(after, before) ?? new Uint8Array())).toBe(content);
  });
});

/** A file with a few bytes of it lost, doubled or replaced, or cut off: what a torn write or a bad editor leaves. */
const harmed = (...files: readonly string[]) =>
  fc
    .record({
      file: fc.constantFrom(...files),
      cuts: fc.array(fc.tuple(fc.nat(400), fc.nat(8), fc.uint8Array({ maxLength: 6 })), { maxLength: 4 }),
    })
    .map(({ file, cuts }) => {
      let bytes = Buffer.from(file);
      for (const [at, length, put] of cuts)
        bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + length)]);
      return new Uint8Array(bytes);
    });
/** Bits of a language in any order. */
const jumbled = (...words: readonly string[]) =>
  fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((each) => bytesOf(each.join('')));

describe('whatever is in the file', () => {
  const daemonJson =
    '{\n  "log-driver": "journald",\n  "registry-mirrors": ["https://a.example"],\n  "debug": true\n}\n';
  const json = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    harmed(daemonJson, `\uFEFF${daemonJson.replaceAll('\n', '\r\n')}`),
    jumbled(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"registry-mirrors"',
      '"a"',
      '1',
      'null',
      ' ',
      '\n',
      '\r',
      '//',
      '\uFEFF',
      '"',
    ),
  );

  test('a daemon.json is refused by name, or edited into one that means the same', () => {
    fc.assert(
      fc.property(json, (bytes) => {
        const after = setMirrors(bytes);
        if (typeof after === 'string') {
          expect(after).toMatch(/^daemon-json-/);
          return;
        }
        const value = (file: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(file).trim() || '{}');
        expect(value(after)).toEqual({ ...(value(bytes) as object), 'registry-mirrors': ours });
        expect(typeof outcome(withoutMirrors, after)).not.toBe('string');
      }),
      { numRuns: 400 },
    );
  });

  const toml = `version = 2\n[debug]\n  level = "info"\n${table}\n  x = 1\n`;
  const odd = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    harmed(toml, toml.replaceAll('\n', '\r\n')),
    jumbled(
      'version = 2\n',
      table,
      '[plugins]',
      '[[plugins]]',
      '"io.containerd.grpc.v1.cri"',
      'registry',
      'config_path',
      ' = ',
      '.',
      '\n',
      '{',
      '}',
      '""',
      "'''",
      '# ',
      '__proto__',
      '1979-05-27',
      '[',
      ']',
      'nan',
      '9223372036854775807',
    ).map((bytes) => bytesOf(`version = 2\n${textOf(bytes)}`)),
  );

  test('a config.toml is refused by name, or edited into one that has the path and loses it again', () => {
    fc.assert(
      fc.property(odd, (bytes) => {
        const after = setPath(bytes);
        if (typeof after === 'string') {
          expect(after).toMatch(/^containerd-/);
          return;
        }
        expect(configPathIn(after)).toBe('set');
        const back = outcome((each) => withoutConfigPath(each, bytes), after);
        if (typeof back !== 'string') expect(back).toEqual(bytes);
      }),
      { numRuns: 400 },
    );
  });

  test('the mirrors of a hosts.toml are read, or there are none', () => {
    const hosts = `server = "https://ghcr.io"\n[host."https://a:8443"]\n  capabilities = ["pull"]\n`;
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), harmed(hosts), jumbled('[host', ']', '"x"', '.', '\n', '=')), (bytes) => {
        for (const mirror of mirrorsInHostsToml(bytes)) expect(mirror).toBeTypeOf('string');
      }),
      { numRuns: 200 },
    );
    expect(mirrorsInHostsToml(bytesOf(`a = ${'['.repeat(1e5)}`))).toEqual([]);
  });

  test('what we write says what was meant, whatever the names', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', '"', '\\', ']', '\u0085', '\u2028', 'a\tb'));
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 3 }), (names) => {
        const host = { ca: '/c', certificate: '/d', key: '/e' };
        const read = parse(
          hostsToml(
            ['head'],
            names[0] ?? '',
            names.map((url) => ({ url, ...host })),
          ),
        );
        expect(read['server']).toBe(names[0]);
        const mirrors = names.map((location) => ({ location }));
        expect(parse(registriesDropIn([], [{ prefix: names[0] ?? '', mirrors }]))['registry']).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
  });

  test('a name that is a quote is written after one that is a backslash', () => {
    // JSON.parse of V8 13.6 reads the key "\"" as "\\" where it has just met that one in the same place.
    const host = { ca: '/c', certificate: '/d', key: '/e' };
    for (const names of [
      ['a', '\\'],
      ['a', '"'],
    ]) {
      const hosts = names.map((url) => ({ url, ...host }));
      expect(Object.keys(parse(hostsToml([], 'a', hosts))['host'] ?? {})).toEqual(names);
    }
  });

  test('the folder that is written is never another', () => {
    expect(certsFolder).toBe('/etc/containerd/certs.d');
  });
});
