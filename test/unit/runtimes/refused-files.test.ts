import { describe, expect, test } from 'vitest';
import { withConfigPath } from '../../../main/runtimes/formats/containerd-config.ts';
import { readDaemonJson, withMirrors } from '../../../main/runtimes/formats/daemon-json.ts';
import { type Problem, ProblemError } from '../../../preload/contract/problem.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function refusal(edit: () => unknown): Problem {
  try {
    edit();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('it was not refused');
}
const ofDaemonJson = (content: string | Uint8Array): Problem =>
  refusal(() => withMirrors(typeof content === 'string' ? bytesOf(content) : content, []));
const ofConfig = (content: string | Uint8Array): Problem =>
  refusal(() => withConfigPath(typeof content === 'string' ? bytesOf(content) : content));

const table = '[plugins."io.containerd.grpc.v1.cri".registry]';
const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

describe('of a daemon.json that is left alone it is said what is wrong and what to do', () => {
  test.each<[string | Uint8Array, string, string, string]>([
    [nested(501), 'daemon-json-too-deep', 'more than 500 deep', 'really daemon.json'],
    [new Uint8Array([0xff, 0xfe, 0x7b, 0]), 'daemon-json-utf16', 'UTF-16', 'UTF-8'],
    [new Uint8Array([0xfe, 0xff, 0, 0x7b]), 'daemon-json-utf16', 'UTF-16', 'UTF-8'],
    [new Uint8Array([0xff, 0xff, 0x7b]), 'daemon-json-not-utf8', 'not UTF-8', 'Save it as UTF-8'],
    [new Uint8Array([0xfe, 0xfe, 0x7b]), 'daemon-json-not-utf8', 'not UTF-8', 'Save it as UTF-8'],
    [new Uint8Array([0x7b, 0xff]), 'daemon-json-not-utf8', 'not UTF-8', 'Save it as UTF-8'],
    [new Uint8Array([0x7b, 0xfe]), 'daemon-json-not-utf8', 'not UTF-8', 'Save it as UTF-8'],
    ['{}\0', 'daemon-json-nul', 'a NUL byte', 'from a backup'],
    ['[]', 'daemon-json-not-object', 'not a JSON object', 'for example {}'],
    ['7', 'daemon-json-not-object', 'not a JSON object', 'for example {}'],
    ['{"a":1,"a":2}', 'daemon-json-duplicate-key', 'the key "a" is there twice', 'Docker uses the last'],
    [
      '{"registry-mirrors":1}',
      'daemon-json-mirrors-type',
      '"registry-mirrors" is not a list of strings',
      'a list of URLs',
    ],
    ['{"a":1,}', 'daemon-json-syntax', 'not valid JSON (', 'Docker refuses it too. Comments and trailing commas'],
    ['{ // a\n}', 'daemon-json-syntax', 'not valid JSON (', 'Docker refuses it too. Comments and trailing commas'],
  ])('%j', (content, code, reason, hint) => {
    const problem = ofDaemonJson(content);
    expect(problem).toMatchObject({ code, hint: expect.stringContaining(hint) as string });
    expect(problem.message).toContain(reason);
    expect(problem.message).toMatch(/^Docker's daemon\.json cannot be edited: .+ It was left unchanged\.$/);
  });

  test('nothing is said of commas where no reader at all would make sense of it', () => {
    expect(ofDaemonJson('}').hint).toBe('Docker refuses it too.');
  });

  test.each([
    ['five hundred lists in lists', nested(500)],
    ['many lists that are not in one another', `{"a":[${'[],{},'.repeat(600)}1]}`],
    ['brackets in a text, and a quote in it', `{"a":"\\"${'[{'.repeat(600)}"}`],
    ['a backslash at the end of a text, and lists after it', `{"a":"\\\\","b":[${'[],'.repeat(600)}1]}`],
  ])('%s is no reason', (_, text) => {
    expect(readDaemonJson(bytesOf(text))).toEqual({ mirrors: undefined, blank: false });
  });
});

describe('of a config.toml that is left alone it is said what is wrong and what to do', () => {
  test.each<[string | Uint8Array, string, string, string]>([
    ['version = = 2', 'containerd-config-syntax', 'no TOML that containerd would take', 'containerd config dump'],
    [new Uint8Array([0x23, 0xff]), 'containerd-config-syntax', 'no TOML', 'containerd config dump'],
    ['', 'containerd-config-version', 'of version 1, and only version 2', 'containerd config migrate'],
    ['version = 3', 'containerd-config-version', 'of version 3, and only version 2', 'containerd config migrate'],
    ['version = 2\nimports = ["/x"]', 'containerd-config-imports', 'imports other files', 'take the imports out'],
    ['version = 2\ndisabled_plugins = ["a", "cri"]', 'containerd-cri-disabled', 'disables the CRI', 'disabled_plugins'],
    [
      'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]',
      'containerd-cri-disabled',
      'disables the CRI plugin',
      'Take "cri" out',
    ],
    [
      `version = 2\n${table}\n[plugins."io.containerd.grpc.v1.cri".registry.auths.x]\n`,
      'containerd-legacy-mirrors',
      'has registry.mirrors, configs or auths',
      'Move them to /etc/containerd/certs.d',
    ],
    [
      `version = 2\n${table}\nconfig_path = "/opt/a:/etc/containerd/certs.d"\n`,
      'containerd-config-path-elsewhere',
      'its config_path is /opt/a:/etc/containerd/certs.d',
      'Set it to /etc/containerd/certs.d',
    ],
    [
      'version = 2\nplugins = { "io.containerd.grpc.v1.cri" = { registry = { } } }\n',
      'containerd-config-form',
      'a form (inline or dotted)',
      `${table} config_path = "/etc/containerd/certs.d"`,
    ],
  ])('%j', (content, code, reason, hint) => {
    const problem = ofConfig(content);
    expect(problem).toMatchObject({ code, hint: expect.stringContaining(hint) as string });
    expect(problem.message).toContain(reason);
    expect(problem.message).toMatch(/^containerd’s config\.toml cannot be used: .+ Nothing was changed\.$/);
  });

  test('what the parser said is kept, in short, for a report', () => {
    const { detail } = ofConfig(`a = ${'é'.repeat(2000)}`);
    expect(detail).toMatchObject({ reason: expect.stringMatching(/TOML/i) as string });
    expect(JSON.stringify(detail).length).toBeLessThan(600);
  });

  test.each([
    ['empty lists of imports and disabled plugins', 'version = 2\nimports = []\ndisabled_plugins = []\n'],
    ['another plugin disabled', 'version = 2\ndisabled_plugins = ["io.containerd.snapshotter.v1.zfs"]\n'],
    ['old tables without anything in them', `version = 2\n${table}\nmirrors = {}\nconfigs = {}\nauths = {}\n`],
  ])('%s are no reason', (_, text) => {
    expect(() => withConfigPath(bytesOf(text))).not.toThrow();
  });
});
