import { expect, test } from 'vitest';
import { filled, type ProblemSentence, problemWords } from '../../../preload/contract/problem-words.ts';

const problem = {
  code: 'host-refused',
  message: 'alpha refused the connection.',
  hint: 'Start its server.',
  retryable: true,
  detail: { host: 'alpha' },
};
const own = { message: problem.message, hint: problem.hint };

test.each<[string, ProblemSentence | undefined, { message: string; hint: string }]>([
  ['its own words where a language has none', undefined, own],
  [
    'the words of the language, with the detail it carries',
    { message: '{{host}} 拒绝连接。', hint: '启动 {{host}}。' },
    { message: 'alpha 拒绝连接。', hint: '启动 alpha。' },
  ],
  [
    'its own hint where the language says only what happened',
    { message: '{{host}}！' },
    { ...own, message: 'alpha！' },
  ],
  ['its own sentence where the language has only a hint', { hint: '重试。' }, { ...own, hint: '重试。' }],
  [
    'its own words where the sentence asks for what it does not carry',
    { message: '{{host}}:{{port}}', hint: '{{port}}' },
    own,
  ],
])('a problem is said in %s', (_what, sentence, expected) => {
  expect(problemWords(problem, sentence)).toEqual(expected);
});

test('a problem without any detail keeps its own words where a sentence asks for one', () => {
  const { detail: _detail, ...bare } = problem;
  expect(problemWords(bare, { message: '{{host}}' }).message).toBe(problem.message);
  expect(problemWords(bare, { message: '拒绝连接。' }).message).toBe('拒绝连接。');
});

test('a name is filled in wherever it stands, and a value is never read as a name', () => {
  expect(filled('{{a}} and {{a}}, {{b}}', { a: '{{b}}', b: 'B' })).toBe('{{b}} and {{b}}, B');
  expect(filled('{{long_name9}}', { long_name9: 'x' })).toBe('x');
  expect(filled('{{a}} {{b}}', { a: '' })).toBeUndefined();
  expect(filled('{{a}}', { a: '' })).toBe('');
});
