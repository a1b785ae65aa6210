import { expect, test } from 'vitest';
import { leftAlone, remedyFor } from '../../../main/shell/supervision.ts';
import { problemSchema } from '../../../preload/contract/problem.ts';

const now = 1_000_000;
const ago = (...seconds: number[]): number[] => seconds.map((each) => now - each * 1000);

test.each([
  ['the first crash is over in a moment', ago(0), { kind: 'restart', afterMs: 200 }],
  ['a second one soon after takes a breath', ago(5, 0), { kind: 'restart', afterMs: 1000 }],
  ['the third within a minute is the last', ago(59, 30, 0), { kind: 'stop' }],
  ['however fast they come', ago(0.2, 0.1, 0), { kind: 'stop' }],
  ['a crash more than a minute ago is forgotten', ago(60, 0), { kind: 'restart', afterMs: 200 }],
  ['a core that crashes every 40 s is started for ever', ago(120, 80, 40, 0), { kind: 'restart', afterMs: 1000 }],
  ['the order of the crashes does not matter', ago(0, 30, 59), { kind: 'stop' }],
])('%s', (_what, crashes, remedy) => {
  expect(remedyFor(crashes, now)).toEqual(remedy);
});

test('a core that is left alone is a Problem with its last words and the place of its log', () => {
  const problem = leftAlone('exit 1', ['Error: out of memory', '  at somewhere'], '/log/core.log');
  expect(problemSchema.parse(problem)).toEqual(problem);
  expect(problem).toMatchObject({
    code: 'core-stopped',
    hint: expect.stringContaining('/log/core.log') as string,
    detail: { how: 'exit 1', output: 'Error: out of memory\n  at somewhere' },
  });
});
