import { describe, expect, it } from 'vitest';
import { InventoryParser } from '../../../main/cache/inventory-parser.ts';
import { ProblemError } from '../../../preload/contract/problem.ts';
import { hexOf } from './cache-model.ts';

const [a, b] = [hexOf('a'), hexOf('b')];
const head = 'mirrorfleet-cache 1 1800000000.25 1\n';
const place = `${head}u docker.io\nr library/a\n`;
const end = 'manifests 0\nend\n';

function parse(text: string) {
  const parser = new InventoryParser();
  parser.push(Buffer.from(text));
  return parser.finish();
}

/** Why a listing is refused: the part of the message between the colon and the promise. */
function refused(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return /: (.*)\. Nothing was changed\.$/.exec(error.problem.message)?.[1] ?? error.problem.code;
  }
  return 'not refused';
}

describe('a line of a listing', () => {
  it('tells the time of the server, and whether read times can be believed', () => {
    expect(parse(`${head}${end}`)).toMatchObject({ at: '1800000000.25', readTimesTrue: true });
    expect(parse(`mirrorfleet-cache 1 5 0\n${end}`)).toMatchObject({ at: '5', readTimesTrue: false });
  });

  it('names what forbids or restrains a prune: descriptor caches, pins, lines that are no pins', () => {
    const longPin = 'x'.repeat(400);
    const longFile = `${'x'.repeat(296)}.yml`;
    expect(parse(`${head}c docker.io.yml\nc ${longFile}\np nginx:1\np ${longPin}\nq 7\nq 12\n${end}`)).toMatchObject({
      descriptorCaches: ['docker.io.yml', longFile],
      pins: ['nginx:1', longPin],
      unclearPins: [7, 12],
    });
  });

  it('belongs to the repository named last, also where that comes again', () => {
    const text = `${place}l ${a} 5\nr library/b\nm ${b} 6\nt 1 ${b} 7\nr library/a\nt x - 8\no\nu ghcr.io_5000\nr library/a\nl ${b} 9\n`;
    const none = { tags: [], revisions: new Map(), layers: new Map(), opaque: false };
    expect(parse(`${text}${end}`).repositories).toEqual([
      {
        ...none,
        storage: 'docker.io',
        upstream: 'docker.io',
        name: 'library/a',
        layers: new Map([[a, 5]]),
        tags: [{ name: 'x', hex: undefined, usedAt: 8 }],
        opaque: true,
      },
      {
        ...none,
        storage: 'docker.io',
        upstream: 'docker.io',
        name: 'library/b',
        revisions: new Map([[b, 6]]),
        tags: [{ name: '1', hex: b, usedAt: 7 }],
      },
      { ...none, storage: 'ghcr.io_5000', upstream: 'ghcr.io:5000', name: 'library/a', layers: new Map([[b, 9]]) },
    ]);
  });

  it('tells of a file its size, its room on the disk and its times', () => {
    const { blobs } = parse(`${head}b ${a} 100 8 5 6\n${end}`);
    expect([...blobs]).toEqual([[a, { size: 100, disk: 4096, readAt: 5, changedAt: 6 }]]);
  });

  it('may be 512 characters long and no longer', () => {
    const word = (length: number): string => `z${'x'.repeat(length - 1)}`;
    expect(refused(`${head}${word(512)}\n`)).toBe('it has a line of an unknown kind');
    expect(refused(`${head}${word(513)}\n`)).toBe('a line is too long');
    expect(refused(`${head}${word(512)}`)).toBe('cache-listing-incomplete');
    expect(refused(`${head}${word(513)}`)).toBe('a line is too long');
  });

  const table: readonly [string, readonly string[]][] = [
    [
      'it does not begin as one',
      ['other 1 5 0\n', 'mirrorfleet-cache 2 5 0\n', 'mirrorfleet-cache 1 5\n', 'mirrorfleet-cache 1 5 0 0\n', '\n'],
    ],
    [
      'it has no time',
      ['x', '', 'x5', '5x', '5.', '.5', '5.5.5', '5'.repeat(13), `5.${'5'.repeat(13)}`].map(
        (time) => `mirrorfleet-cache 1 ${time} 0\n`,
      ),
    ],
    [
      'a file name is not one',
      ['', ' a b', ' a/b', ' /', ` ${'x'.repeat(301)}`, ' é'].map((rest) => `${head}c${rest}\n`),
    ],
    [
      'a pin is not one',
      ['', ' a b', ' \u0007a', ' a\u007f', ` ${'x'.repeat(401)}`].map((rest) => `${head}p${rest}\n`),
    ],
    ['a line number is not one', ['', ' 1 2'].map((rest) => `${head}q${rest}\n`)],
    ['a number is not one', [`${head}q x\n`, `${head}q 1x\n`, `${head}q x1\n`, `${head}q ${'1'.repeat(16)}\n`]],
    ['an upstream is not one', ['', ' docker.io x', ' blobs', ' offline', ' ..'].map((rest) => `${head}u${rest}\n`)],
    ['a repository is not one', ['', ' a b', ' ../a', ' A'].map((rest) => `${head}u docker.io\nr${rest}\n`)],
    ['a repository is not one', [`${head}r library/a\n`]],
    [
      'a tag is not one',
      ['', ' 1', ` 1 ${a}`, ` 1 ${a} 5 5`, ` ../1 ${a} 5`, ' 1 x 5', ` 1 ${a}0 5`].map((rest) => `${place}t${rest}\n`),
    ],
    ['a revision is not one', ['', ` ${a}`, ` ${a} 5 5`].map((rest) => `${place}m${rest}\n`)],
    ['a layer is not one', ['', ` ${a}`, ` ${a} 5 5`].map((rest) => `${place}l${rest}\n`)],
    ['a digest is not one', [`${place}m x 5\n`, `${place}l ${a}0 5\n`, `${head}b x 1 1 1 1\n`]],
    ['a blob is not one', ['', ` ${a} 1 1 1`, ` ${a} 1 1 1 1 1`].map((rest) => `${head}b${rest}\n`)],
    ['a blob is bigger than any disk', [`${head}b ${a} 1 ${'9'.repeat(15)} 1 1\n`]],
    [
      'a line belongs to no repository',
      [`t 1 ${a} 5`, `m ${a} 5`, `l ${a} 5`, 'o'].flatMap((line) => [
        `${head}${line}\n`,
        `${place}u ghcr.io\n${line}\n`,
      ]),
    ],
    ['a count is not one', [`${head}manifests\n`, `${head}manifests 0 0\n`]],
    ['its end is not one', [`${head}manifests 0\nend \n`, `${head}manifests 0\n\n`]],
    ['it goes on after its end', [`${head}${end}x`]],
    ['it has a line of an unknown kind', [`${head}\n`, `${head}x ${a}\n`]],
  ];
  it.each(table.flatMap(([why, texts]) => texts.map((text) => [text, why] as const)))(
    'is refused as it stands in %j: %s',
    (text, why) => {
      expect(refused(text)).toBe(why);
    },
  );
});
