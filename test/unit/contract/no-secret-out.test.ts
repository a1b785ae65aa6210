import { expect, test } from 'vitest';
import { z } from 'zod';
import { contract, nodeSecretsSchema } from '../../../preload/contract/contract.ts';
import { changeSchema, snapshotSchema } from '../../../preload/contract/live.ts';
import { shellStateSchema } from '../../../preload/contract/shell.ts';

/** What a page is given: the answer of every call, and what comes to it by itself. */
const answers: readonly (readonly [string, z.ZodType])[] = [
  ...Object.entries(contract).flatMap(([group, calls]) =>
    Object.entries(calls).flatMap(([name, call]: [string, unknown]) => {
      const schema = (call as { '~orpc': { outputSchema?: unknown } })['~orpc'].outputSchema;
      return schema instanceof z.ZodType ? [[`${group}.${name}`, schema] as const] : [];
    }),
  ),
  ['the snapshot', snapshotSchema],
  ['a change', changeSchema],
  ['the shell’s state', shellStateSchema],
];

/** Names of the objects in a schema, at any depth. */
function namesIn(schema: z.ZodType, io: 'input' | 'output'): string[] {
  const names: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, each] of Object.entries(value)) {
      if (key === 'properties' && typeof each === 'object' && each !== null) names.push(...Object.keys(each as object));
      walk(each);
    }
  };
  walk(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
  return names;
}

const secret = /pass(word|phrase)|secret|token|credential|cookie|session|private|(^|[a-z])key$/i;

test('the names by which a secret would be known are known', () => {
  expect(namesIn(nodeSecretsSchema, 'input').filter((name) => !secret.test(name))).toEqual([]);
  for (const name of ['sudoPassword', 'passphrase', 'clientKey', 'key', 'metricsToken', 'privateKey'])
    expect(secret.test(name)).toBe(true);
});

test('no answer of the core has a place for a secret', () => {
  expect(answers.length).toBeGreaterThan(30);
  expect(
    answers.flatMap(([call, schema]) =>
      namesIn(schema, 'output')
        .filter((name) => secret.test(name))
        .map((name) => `${call}: ${name}`),
    ),
  ).toEqual([]);
});
