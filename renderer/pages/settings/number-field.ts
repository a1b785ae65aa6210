import type { z } from 'zod';

/** A whole number with its limits, as a field of the contract has them. */
export interface Limits {
  readonly min: number;
  readonly max: number;
}

/** The limits that the contract sets for a number, so that the field explains what the border would refuse. */
export function limitsOf(schema: z.ZodNumber): Limits {
  return { min: schema.minValue ?? Number.MIN_SAFE_INTEGER, max: schema.maxValue ?? Number.MAX_SAFE_INTEGER };
}

export type NumberError = 'not-whole' | 'out-of-range';

/** A whole number as typed, or why it is none that may be saved. */
export function wholeNumber(
  text: string,
  limits: Limits,
): { readonly value: number } | { readonly error: NumberError } {
  const plain = text.trim();
  if (!/^\d{1,9}$/.test(plain)) return { error: 'not-whole' };
  const value = Number(plain);
  return value < limits.min || value > limits.max ? { error: 'out-of-range' } : { value };
}
