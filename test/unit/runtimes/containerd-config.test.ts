import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../../preload/contract/problem.ts';
import { configPathIn, withConfigPath, withoutConfigPath } from '../../../main/runtimes/formats/containerd-config.ts';
import { hostsToml, mirrorsInHostsToml } from '../../../main/runtimes/formats/hosts-toml.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
const table = '[plugins."io.containerd.grpc.v1.cri".registry]';
const path = 'config_path = "/etc/containerd/certs.d"';
const refusal = (text: string): string => {
  try {
    withConfigPath(bytesOf(text));
    return 'none';
  } catch (error) {
    return error instanceof ProblemError ? error.problem.code : String(error);
  }
};

describe('config_path in a config.toml', () => {
  const edits: readonly (readonly [what: string, before: string, after: string])[] = [
    ['an empty table of plugins', 'version = 2\n[plugins]\n', `version = 2\n[plugins]\n\n${table}\n  ${path}\n`],
    ['no final newline', 'version = 2', `version = 2\n\n${table}\n  ${path}\n`],
    ['CRLF and a BOM', '\uFEFFversion = 2\r\n', `\uFEFFversion = 2\r\n\r\n${table}\r\n  ${path}\r\n`],
    [
      'a table of its own',
      `version = 2\n  ${table} # mine\n    # comment\n[debug]\n`,
      `version = 2\n  ${table} # mine\n    ${path}\n    # comment\n[debug]\n`,
    ],
    ['a table at the end', `version = 2\n${table}`, `version = 2\n${table}\n  ${path}\n`],
    [
      'an empty value with a comment',
      `version = 2\n${table}\nconfig_path  =  ''   # later\n`,
      `version = 2\n${table}\nconfig_path  =  "/etc/containerd/certs.d"   # later\n`,
    ],
    [
      'a bracket in a comment after a quoted table',
      `version = 2\n${table} # ] here\nx = 1\n`,
      `version = 2\n${table} # ] here\n  ${path}\nx = 1\n`,
    ],
  ];
  test.each(edits)('is added and nothing else changes: %s', (_, before, after) => {
    expect(textOf(withConfigPath(bytesOf(before)))).toBe(after);
    expect(configPathIn(bytesOf(before))).toBe('missing');
    expect(configPathIn(bytesOf(after))).toBe('set');
    expect(textOf(withConfigPath(bytesOf(after)))).toBe(after);
  });

  test('makes the smallest file where there is none', () => {
    expect(textOf(withConfigPath(undefined))).toBe(`version = 2\n\n${table}\n  ${path}\n`);
  });

  const refused: readonly (readonly [what: string, text: string, code: string])[] = [
    ['no TOML', 'version = = 2', 'containerd-config-syntax'],
    ['no UTF-8 in spirit', 'version = 2\nplugins = 3\n', 'containerd-config-syntax'],
    ['no version', '[plugins]\n', 'containerd-config-version'],
    ['version 3', 'version = 3\n', 'containerd-config-version'],
    ['imports', 'version = 2\nimports = ["/x.toml"]\n', 'containerd-config-imports'],
    ['CRI disabled', 'version = 2\ndisabled_plugins = ["cri"]\n', 'containerd-cri-disabled'],
    [
      'mirrors',
      `version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]\nendpoint = ["x"]\n`,
      'containerd-legacy-mirrors',
    ],
    [
      'configs',
      `version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.configs."x".tls]\nca_file = "x"\n`,
      'containerd-legacy-mirrors',
    ],
    ['another folder', `version = 2\n${table}\nconfig_path = "/opt/certs.d"\n`, 'containerd-config-path-elsewhere'],
    [
      'an inline table',
      'version = 2\nplugins = { "io.containerd.grpc.v1.cri" = { registry = { } } }\n',
      'containerd-config-form',
    ],
    [
      'a dotted key',
      'version = 2\n[plugins]\n"io.containerd.grpc.v1.cri".registry.config_path = ""\n',
      'containerd-config-form',
    ],
  ];
  test.each(refused)('is refused where there is %s', (_, text, code) => {
    expect(refusal(text)).toBe(code);
  });

  test('reads a list by its first folder', () => {
    expect(configPathIn(bytesOf(`version = 2\n${table}\nconfig_path = "/etc/containerd/certs.d:/x"\n`))).toBe('set');
  });

  test('is taken out of a file that was edited since, and left where that cannot be told apart', () => {
    const original = bytesOf('version = 2\n[debug]\n  level = "info"\n');
    const edited = textOf(withConfigPath(original)).replace('"info"', '"debug"');
    expect(textOf(withoutConfigPath(bytesOf(edited), original))).toBe('version = 2\n[debug]\n  level = "debug"\n');
    expect(withoutConfigPath(bytesOf(edited.replace(path, `${path} # mine`)), original)).toBeUndefined();
    expect(withoutConfigPath(bytesOf(edited), undefined)).toBeUndefined();
  });

  test('keeps every other key and comes out again, whatever tables stand around it', () => {
    const key = fc.stringMatching(/^[a-z]{1,8}$/);
    const body = fc.dictionary(key, fc.oneof(fc.integer(), fc.boolean(), fc.string()));
    const shape = fc.record({
      tables: fc.dictionary(key, body),
      eol: fc.constantFrom('\n', '\r\n'),
      own: fc.boolean(),
    });
    fc.assert(
      fc.property(shape, ({ tables, eol, own }) => {
        const text = [
          'version = 2',
          ...Object.entries(tables).flatMap(([name, values]) => [
            `[plugins."x.${name}"] # note`,
            ...Object.entries(values).map(([each, value]) => `\t${each} = ${JSON.stringify(value)}`),
          ]),
          ...(own ? [table, '  x = 1'] : []),
          '',
        ].join(eol);
        const original = bytesOf(text);
        const after = textOf(withConfigPath(original));
        expect(JSON.stringify(parse(after))).toContain('/etc/containerd/certs.d');
        expect(textOf(withoutConfigPath(bytesOf(after), original))).toBe(text);
      }),
    );
  });
});

describe('a hosts.toml', () => {
  test('names the mirrors with their certificates, and the registry itself last', () => {
    const text = hostsToml(['head'], 'https://ghcr.io', [
      { url: 'https://a:8443', ca: '/c/ca.crt', certificate: '/c/client.cert', key: '/c/client.key' },
      { url: 'https://b', ca: '/d/ca.crt', certificate: '/d/client.cert', key: '/d/client.key' },
    ]);
    expect(text).toBe(
      [
        '# head',
        '',
        'server = "https://ghcr.io"',
        '',
        '[host."https://a:8443"]',
        '  capabilities = ["pull", "resolve"]',
        '  ca = "/c/ca.crt"',
        '  client = [["/c/client.cert", "/c/client.key"]]',
        '',
        '[host."https://b"]',
        '  capabilities = ["pull", "resolve"]',
        '  ca = "/d/ca.crt"',
        '  client = [["/d/client.cert", "/d/client.key"]]',
        '',
      ].join('\n'),
    );
    expect(mirrorsInHostsToml(bytesOf(text))).toEqual(['https://a:8443', 'https://b']);
  });

  test('that does not parse has no mirrors, as containerd sees it', () => {
    expect(mirrorsInHostsToml(bytesOf('[host'))).toEqual([]);
    expect(mirrorsInHostsToml(bytesOf('server = "https://x"'))).toEqual([]);
  });
});
