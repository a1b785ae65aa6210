import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { contract } from '../../../preload/contract/contract.ts';
import { snapshotSchema } from '../../../preload/contract/live.ts';
import { problemSchema } from '../../../preload/contract/problem.ts';
import { preferencesPartSchema, revealSchema, shellStateSchema } from '../../../preload/contract/shell.ts';

interface Call {
  readonly '~orpc': { readonly inputSchema?: z.ZodType };
}
const isCall = (value: unknown): value is Call => typeof value === 'object' && value !== null && '~orpc' in value;

/** Every call that takes an argument, by its name. */
const inputs: readonly (readonly [string, z.ZodType])[] = Object.entries(contract).flatMap(([group, calls]) =>
  Object.entries(calls).flatMap(([name, call]: [string, unknown]) => {
    const schema = isCall(call) ? call['~orpc'].inputSchema : undefined;
    return schema === undefined ? [] : [[`${group}.${name}`, schema] as const];
  }),
);
const schemas: readonly (readonly [string, z.ZodType])[] = [
  ...inputs,
  ['the shell’s preferences', preferencesPartSchema],
  ['the shell’s state', shellStateSchema],
  ['what the shell reveals', revealSchema],
  ['a problem', problemSchema],
  ['a snapshot', snapshotSchema],
];

/** The names that a schema's objects have, at any depth: what a sender that knows the contract would use. */
function namesIn(schema: z.ZodType): string[] {
  const text = JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return [...text.matchAll(/"(\w+)":\{/g)].map((match) => match[1] ?? '').filter((name) => name !== 'properties');
}

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('', '../../etc/passwd', '-oProxyCommand=x', 'a\nb', '\0', 'docker.io', 'tokyo', 443, -1, 1e308, null),
  fc.string({ unit: 'binary' }),
  fc.constant('x'.repeat(10_000)),
);

test('every call with an argument is tried', () => {
  expect(inputs.length).toBeGreaterThan(25);
});

describe('whatever comes to the border', () => {
  test.each(schemas)('of %s is taken or refused, and taken again as it was taken', (_, schema) => {
    const names = ['__proto__', 'constructor', 'toString', ...namesIn(schema)];
    const inside = fc.dictionary(fc.constantFrom(...names), odd, { noNullPrototype: true });
    const nested = fc.dictionary(fc.constantFrom(...names), fc.oneof(odd, inside, fc.array(inside, { maxLength: 3 })), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(fc.oneof(fc.anything(), odd, nested), (value) => {
        const first = schema.safeParse(value);
        if (first.success) expect(schema.safeParse(first.data)).toEqual({ success: true, data: first.data });
        else expect(first.error.issues.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });

  test.each(schemas)('of %s is judged at once, however long its words are', (_, schema) => {
    const names = [...new Set(namesIn(schema))];
    const long = [
      'a'.repeat(1 << 20),
      'a.'.repeat(1 << 19),
      'a-'.repeat(1 << 19),
      '1.'.repeat(1 << 19),
      '@'.repeat(1 << 20),
    ];
    for (const word of long) {
      const flat = Object.fromEntries(names.map((name) => [name, word]));
      const deep = Object.fromEntries(names.map((name) => [name, { ...flat, kind: 'ssh' }]));
      const lists = Object.fromEntries(names.map((name) => [name, [word]]));
      const begun = performance.now();
      for (const value of [word, flat, deep, lists, { ...deep, ...flat, target: flat, spec: flat }])
        schema.safeParse(value);
      expect(performance.now() - begun).toBeLessThan(2000);
    }
  });
});
