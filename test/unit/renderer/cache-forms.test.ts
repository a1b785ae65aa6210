import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prunePolicySchema, scheduleSchema } from '../../../preload/contract/cache.ts';
import { firstRule, policyOf } from '../../../renderer/pages/cache/prune-rule.ts';
import { sameSchedule, scheduleForm, scheduleOf } from '../../../renderer/pages/cache/schedule-form.ts';

test.each([
  [{ kind: 'older-than', days: '30' }, { policy: { kind: 'older-than', seconds: 2_592_000 } }],
  [{ kind: 'older-than', days: ' 0.5 ' }, { policy: { kind: 'older-than', seconds: 43_200 } }],
  [{ kind: 'older-than', days: '' }, { error: 'days-wrong' }],
  [{ kind: 'older-than', days: '-1' }, { error: 'days-wrong' }],
  [{ kind: 'to-size', gigabytes: '2,5' }, { policy: { kind: 'to-size', bytes: 2_500_000_000 } }],
  [{ kind: 'to-size', gigabytes: 'all' }, { error: 'size-wrong' }],
  [{ kind: 'all' }, { policy: { kind: 'all' } }],
] as const)('the rule %o is %o', (form, expected) => {
  const got = policyOf({ ...firstRule, ...form });
  expect(got).toEqual(expected);
  if ('policy' in got) expect(prunePolicySchema.safeParse(got.policy).success).toBe(true);
});

test('a schedule goes through its form unchanged', () => {
  const schedule = fc
    .record(
      {
        at: fc.constantFrom('00:00', '03:30', '23:59'),
        unusedDays: fc.integer({ min: 1, max: 3650 }),
        keepBytes: fc.integer({ min: 0, max: 5000 }).map((megabytes) => megabytes * 1_000_000),
        freePercent: fc.integer({ min: 1, max: 90 }),
      },
      { requiredKeys: ['at', 'unusedDays'] },
    )
    .map((value) => scheduleSchema.parse(value));
  fc.assert(
    fc.property(schedule, (each) => {
      const got = scheduleOf(scheduleForm(each));
      expect(got).toEqual({ schedule: each });
      expect('schedule' in got && sameSchedule(got.schedule, each)).toBe(true);
    }),
  );
});

test('what the form lets through the contract takes; the rest is explained at its field', () => {
  const text = fc.oneof(fc.constant(''), fc.constantFrom('0', '1', '91', '3651', '1.5', '-2', 'x', '03:30', '24:00'));
  const form = fc.record({ at: text, unusedDays: text, keepGigabytes: text, freePercent: text });
  fc.assert(
    fc.property(form, (each) => {
      const got = scheduleOf(each);
      if ('schedule' in got) expect(scheduleSchema.safeParse(got.schedule).success).toBe(true);
      else expect(Object.keys(got.errors).length).toBeGreaterThan(0);
    }),
  );
});

test.each([
  [{ at: '25:00' }, { at: 'at-wrong' }],
  [{ unusedDays: '0' }, { unusedDays: 'days-range' }],
  [{ keepGigabytes: 'much' }, { keepGigabytes: 'size-wrong' }],
  [{ freePercent: '91' }, { freePercent: 'percent-range' }],
  [{ unusedDays: '' }, { rules: 'rule-needed' }],
])('a schedule with %o says %o', (change, errors) => {
  expect(scheduleOf({ ...scheduleForm(undefined), ...change })).toEqual({ errors });
});
