import { z } from 'zod';

/**
 * Something said as data, so that every door says it in the reader's language: `code` chooses the sentence
 * (`resources/translations/<language>/sayings.json`), `values` fill it. A value whose name ends in `Ms` is a span of time in ms, in
 * `Bytes` a size, in `At` a moment in ms since 1970; anything else is shown as it is.
 */
export const sayingSchema = z.object({
  code: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/),
  values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});
export type Saying = z.infer<typeof sayingSchema>;
