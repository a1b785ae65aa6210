import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { problemSchema } from '../../../../preload/contract/problem.ts';
import { readIssues, readProblem } from '../../../../renderer/core/read-problem.ts';

const whole = { code: 'host-key-changed', message: 'It changed.', hint: 'Look.', retryable: false };

/** Something like a problem: each field right, wrong or not there. */
const likeProblem = fc.record(
  {
    code: fc.oneof(fc.constantFrom('a', 'a-1', 'A', '-a', 'a-', 'a--b', '', '1a'), fc.string(), fc.integer()),
    message: fc.oneof(fc.string(), fc.constant(null)),
    hint: fc.oneof(fc.string(), fc.integer()),
    retryable: fc.oneof(fc.boolean(), fc.string()),
    detail: fc.oneof(
      fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(fc.string(), fc.integer())),
      fc.array(fc.string()),
      fc.constant(undefined),
      fc.constant(null),
    ),
    more: fc.string(),
  },
  { requiredKeys: [] },
);

test('the pages read as a problem what the contract calls one, and nothing else', () => {
  const agree = (data: unknown): void => {
    const wanted = problemSchema.safeParse(data);
    expect(readProblem(data)).toEqual(wanted.success ? wanted.data : undefined);
  };
  fc.assert(fc.property(fc.oneof(likeProblem, fc.anything()), agree));
  fc.assert(fc.property(likeProblem, (part) => agree({ ...whole, ...part })));
  expect(readProblem({ ...whole, detail: { key: 'x' } })).toEqual({ ...whole, detail: { key: 'x' } });
});

test.each<[unknown, unknown]>([
  [{ issues: [{ message: 'too long', path: ['name'] }] }, [{ message: 'too long', path: ['name'] }]],
  [{ issues: [{ message: 'no', path: ['list', 0], code: 'custom' }] }, [{ message: 'no', path: ['list', 0] }]],
  [{ issues: [{ message: 'alone' }] }, [{ message: 'alone', path: [] }]],
  [{ issues: [{ message: 1 }] }, undefined],
  [{ issues: [{ message: 'x', path: [{}] }] }, undefined],
  [{ issues: 'x' }, undefined],
  [undefined, undefined],
])('of %j the issues are %j', (data, issues) => {
  expect(readIssues(data)).toEqual(issues);
});
