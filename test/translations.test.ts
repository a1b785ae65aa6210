import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keysAsked, namespacesIn } from './unit/translations/asked-keys.ts';

const root = join(import.meta.dirname, '..');
const folder = (language: string): string => join(root, 'resources/translations', language);
type Sentences = Readonly<Record<string, unknown>>;
const read = (language: string, file: string): Sentences =>
  JSON.parse(readFileSync(join(folder(language), file), 'utf8')) as Sentences;

/** What comes from the core; other tests compare these with it (test/unit/translations, test/unit/terminal). */
const fromTheCore = ['problems.json', 'sayings.json', 'steps.json', 'checks.json'];
const files = readdirSync(folder('en')).filter((file) => !fromTheCore.includes(file));

const texts = (place: string, ending: RegExp): string[] =>
  readdirSync(join(root, place), { recursive: true, encoding: 'utf8' })
    .filter((file) => ending.test(file))
    .map((file) => readFileSync(join(root, place, file), 'utf8'));
/** Whoever speaks to people: the pages, and the shell's tray, menus and notifications. */
const speakers = [
  ...texts('renderer', /\.tsx?$/),
  // The shell has one file of words and calls it `words` wherever it is handed on.
  ...texts('main/shell', /\.ts$/).map((text) => `words: Words<'desktop'>;\n${text}`),
];
const core = texts('main', /\.ts$/).join('\n');

test('both languages have the same files', () => {
  expect(readdirSync(folder('zh-CN')).toSorted()).toEqual(readdirSync(folder('en')).toSorted());
});

test.each(files)('%s says the same things in both languages, with the same blanks to fill', (file) => {
  const [english, chinese] = [read('en', file), read('zh-CN', file)];
  const blanks = (text: unknown): string[] =>
    [...String(text).matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '').toSorted();
  // Chinese has no singular, so it may leave a `_one` away; the blanks of a plural are those of its `_other`.
  const needed = (keys: string[]): string[] => keys.filter((key) => !key.endsWith('_one')).toSorted();
  expect(needed(Object.keys(chinese))).toEqual(needed(Object.keys(english)));
  for (const key of needed(Object.keys(english))) expect(blanks(chinese[key]), key).toEqual(blanks(english[key]));
  expect(
    Object.entries({ ...english, ...chinese }).filter(([, text]) => typeof text !== 'string' || text.trim() === ''),
  ).toEqual([]);
});

test.each(files)(
  '%s: every key is asked for by a page or the shell, and every key that is asked for is there',
  (file) => {
    const namespace = file.replace('.json', '');
    const keys = [...new Set(Object.keys(read('en', file)).map((key) => key.replace(/_(one|other)$/, '')))];
    const asking = speakers.filter((text) => namespacesIn(text).has(namespace));
    const asked = asking.map((text) => keysAsked(text, namespace));
    const used = (key: string): boolean =>
      asked.some(
        ({ direct, literal, pattern }) => direct.has(key) || literal.has(key) || pattern.some((each) => each.test(key)),
      );
    // Steps are named by the core; what a page asks for is the sentence of a step's id.
    const unused = keys.filter(
      (key) => !used(key) && !(namespace === 'steps' && stepIds.has(key.replace(/^step-/, ''))),
    );
    const missing = [
      ...asked.flatMap(({ direct }) => [...direct]).filter((key) => !keys.includes(key)),
      ...asked
        .flatMap(({ pattern }) => pattern)
        .filter((each) => !keys.some((key) => each.test(key)))
        .map(String),
      ...(namespace === 'steps' ? [...stepIds].map((id) => `step-${id}`).filter((key) => !keys.includes(key)) : []),
    ];
    expect({ unused, missing }).toEqual({ unused: [], missing: [] });
  },
);

/** The ids of every step a job of the core can have: `step('files', …)`, `` step(`image:${name}`, …) ``, `skip('reload', …)`. */
const stepIds: ReadonlySet<string> = new Set(
  [...core.matchAll(/\b(?:step|skip)\(\s*['`]([a-z][a-z-]*)[:'`]/g)].map((match) => match[1] ?? ''),
);

test('Chinese addresses the reader as 你 and has no English punctuation between its characters', () => {
  const wrong = files.flatMap((file) =>
    Object.entries(read('zh-CN', file)).filter(([, text]) => /您|[\u4e00-\u9fff][,;!?]/.test(String(text))),
  );
  expect(wrong).toEqual([]);
});

test('the search for keys sees what is written, chosen, patterned and handed on', () => {
  const text = `
    const t = useWords('fleet');
    const words = useWords('shell');
    t('plain'); t(slow ? 'one' : 'other'); t(\`state-\${state}\`, { n: 1 }); words('elsewhere');
    function inner(say: Words<'node'>) { return say('handed'); }
  `;
  const fleet = keysAsked(text, 'fleet');
  expect([...fleet.direct]).toEqual(['plain']);
  expect([...fleet.literal]).toEqual(expect.arrayContaining(['plain', 'one', 'other']));
  expect(fleet.pattern.map(String)).toEqual(['/^state-.+$/']);
  expect([...keysAsked(text, 'node').direct]).toEqual(['handed']);
  expect([...namespacesIn(text)].toSorted()).toEqual(['fleet', 'node', 'shell']);
});
