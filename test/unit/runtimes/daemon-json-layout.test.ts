import { describe, expect, test } from 'vitest';
import { readDaemonJson, withMirrors, withoutMirrors } from '../../../main/runtimes/formats/daemon-json.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
const [a, b] = ['"https://a"', '"https://b"'];
const ours = ['https://a', 'https://b'];

describe('mirrors stand in the file as its writer would have put them', () => {
  test.each<[string, string, string]>([
    ['an empty object', '{}', `{\n  "registry-mirrors": [\n    ${a},\n    ${b}\n  ]\n}`],
    ['an empty object of two lines', '{\n}\n', `{\n  "registry-mirrors": [\n    ${a},\n    ${b}\n  ]\n}\n`],
    ['an empty object, indented', '  {}', `  {\n    "registry-mirrors": [\n      ${a},\n      ${b}\n    ]\n  }`],
    ['an empty object, CRLF', '{\r\n}\r\n', `{\r\n  "registry-mirrors": [\r\n    ${a},\r\n    ${b}\r\n  ]\r\n}\r\n`],
    ['all in a line', '{"debug": true}', `{"debug": true, "registry-mirrors": [${a}, ${b}]}`],
    ['all in a line, indented', '\t{"debug":1}', `\t{"debug":1, "registry-mirrors": [${a}, ${b}]}`],
    [
      'four spaces',
      '{\n    "debug": true\n}',
      `{\n    "debug": true,\n    "registry-mirrors": [\n        ${a},\n        ${b}\n    ]\n}`,
    ],
    [
      'tabs and CRLF',
      '{\r\n\t"debug": true\r\n}\r\n',
      `{\r\n\t"debug": true,\r\n\t"registry-mirrors": [\r\n\t\t${a},\r\n\t\t${b}\r\n\t]\r\n}\r\n`,
    ],
    [
      'an object that is indented itself',
      '    {\n      "debug": true\n    }\n',
      `    {\n      "debug": true,\n      "registry-mirrors": [\n        ${a},\n        ${b}\n      ]\n    }\n`,
    ],
    ['no indent', '{\n"debug": true\n}', `{\n"debug": true,\n"registry-mirrors": [\n  ${a},\n  ${b}\n]\n}`],
    [
      'a first key to the left of its brace',
      '    {\n  "debug": true\n}',
      `    {\n  "debug": true,\n  "registry-mirrors": [\n    ${a},\n    ${b}\n  ]\n}`,
    ],
    [
      'two keys in a line',
      '{\n  "debug": true, "x": 1\n}',
      `{\n  "debug": true, "x": 1,\n  "registry-mirrors": [\n    ${a},\n    ${b}\n  ]\n}`,
    ],
    [
      'lines after the first key',
      '{ "debug": true,\n  "x": 1 }',
      `{ "debug": true,\n  "x": 1,\n  "registry-mirrors": [\n    ${a},\n    ${b}\n  ] }`,
    ],
    [
      'a list of mirrors in one line',
      '{\n  "registry-mirrors": ["https://x"],\n  "debug": true\n}',
      `{\n  "registry-mirrors": [${a}, ${b}],\n  "debug": true\n}`,
    ],
    [
      'a list of mirrors, one a line',
      '{\n\t"registry-mirrors": [\n\t\t"https://x"\n\t]\n}',
      `{\n\t"registry-mirrors": [\n\t\t${a},\n\t\t${b}\n\t]\n}`,
    ],
    [
      'an empty list on a line of its own',
      '{\n  "registry-mirrors": []\n}',
      `{\n  "registry-mirrors": [\n    ${a},\n    ${b}\n  ]\n}`,
    ],
    ['an empty list among others', '{"x": 1, "registry-mirrors": []}', `{"x": 1, "registry-mirrors": [${a}, ${b}]}`],
    ['null', '{"registry-mirrors": null}', `{"registry-mirrors": [${a}, ${b}]}`],
  ])('where there is %s', (_, before, after) => {
    expect(textOf(withMirrors(bytesOf(before), ours))).toBe(after);
  });

  test('an empty list takes no lines', () => {
    expect(textOf(withMirrors(bytesOf('{\n  "registry-mirrors": [\n    "https://x"\n  ]\n}'), []))).toBe(
      '{\n  "registry-mirrors": []\n}',
    );
    expect(textOf(withMirrors(bytesOf('{"debug":true}'), []))).toBe('{"debug":true, "registry-mirrors": []}');
  });

  test('mirrors that are null, or none with no file, are written all the same', () => {
    expect(textOf(withMirrors(undefined, []))).toBe('{\n  "registry-mirrors": []\n}\n');
    expect(textOf(withMirrors(bytesOf('{"registry-mirrors":null}'), []))).toBe('{"registry-mirrors":[]}');
  });
});

describe('mirrors are taken out of the file', () => {
  test.each<[string, string, string]>([
    ['first', '{\n  "registry-mirrors": [],\n  "debug": true\n}\n', '{\n  "debug": true\n}\n'],
    ['last', '{\n  "debug": true,\n  "registry-mirrors": []\n}\n', '{\n  "debug": true\n}\n'],
    ['in the middle', '{"a":1, "registry-mirrors": ["x"], "b":2}', '{"a":1, "b":2}'],
    ['alone', '{\n  "registry-mirrors": []\n}\n', '{}\n'],
    ['after a mark', '\uFEFF{"registry-mirrors":["x"],"b":1}', '\uFEFF{"b":1}'],
    ['null', '{"registry-mirrors": null, "b": 1}', '{"b": 1}'],
  ])('where they stand %s', (_, before, after) => {
    expect(textOf(withoutMirrors(bytesOf(before)))).toBe(after);
  });

  test.each(['{"debug":true}', ' \n', '', '{}'])('and nothing of %j, which has none', (text) => {
    const before = bytesOf(text);
    expect(withoutMirrors(before)).toBe(before);
  });
});

test('no file, an empty one and white space are blank; an empty object is not', () => {
  expect(readDaemonJson(undefined)).toEqual({ mirrors: undefined, blank: true });
  expect(readDaemonJson(bytesOf(''))).toEqual({ mirrors: undefined, blank: true });
  expect(readDaemonJson(bytesOf(' \r\n\t'))).toEqual({ mirrors: undefined, blank: true });
  expect(readDaemonJson(bytesOf('{}'))).toEqual({ mirrors: undefined, blank: false });
  expect(readDaemonJson(bytesOf('{"registry-mirrors":null}'))).toEqual({ mirrors: undefined, blank: false });
  expect(readDaemonJson(bytesOf('{"registry-mirrors":[]}'))).toEqual({ mirrors: [], blank: false });
});
