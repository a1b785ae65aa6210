import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { activityKindSchema } from '../../../preload/contract/activity.ts';
import english from '../../../resources/translations/en/steps.json' with { type: 'json' };
import chinese from '../../../resources/translations/zh-CN/steps.json' with { type: 'json' };

const main = join(import.meta.dirname, '../../../main');

/** The first words of `job.step(…)` and `job.skip(…)`: a literal, both sides of a choice, or what stands before a colon. */
function stepIds(): Set<string> {
  const ids = new Set<string>();
  for (const file of readdirSync(main, { recursive: true, encoding: 'utf8' }).filter((each) => each.endsWith('.ts'))) {
    const source = readFileSync(join(main, file), 'utf8');
    for (const [, first = ''] of source.matchAll(/\.(?:step|skip)\(\s*((?:\w+ \? )?['`][^,]+),/g))
      for (const [, id = ''] of first.matchAll(/['`]([a-z-]+)(?::\$\{\w+\})?['`]/g)) ids.add(id);
  }
  return ids;
}

test('every step of a task has its words, and no words are left without a step', () => {
  const inUse = [...stepIds()].map((id) => `step-${id}`);
  expect(inUse.length).toBeGreaterThan(20);
  // A step that is missing here wants a `step-…` entry in resources/translations/*/steps.json.
  expect(
    Object.keys(english)
      .filter((key) => key.startsWith('step-'))
      .toSorted(),
  ).toEqual(inUse.toSorted());
});

test('every kind of task has its title', () => {
  const kinds = activityKindSchema.options.map((kind) => `task-${kind}`);
  expect(
    Object.keys(english)
      .filter((key) => key.startsWith('task-'))
      .toSorted(),
  ).toEqual(kinds.toSorted());
});

test('both languages have the same words', () => {
  expect(Object.keys(chinese).toSorted()).toEqual(Object.keys(english).toSorted());
});
