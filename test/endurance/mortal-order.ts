import { z } from 'zod';

/** Where the helper that may die reads whom it kills, and at which point: sudo hands nothing else on. */
export const orderFile = '/run/mirrorfleet-mortal.json';
/** The points it came by, one a line. */
export const pointsFile = '/run/mirrorfleet-mortal.points';

export const orderSchema = z.object({
  /** 0: nobody dies. */
  at: z.number(),
  victims: z.array(z.enum(['core', 'helper', 'engine'])),
  enginePidFile: z.string(),
});
export type MortalOrder = z.infer<typeof orderSchema>;
export type Victim = MortalOrder['victims'][number];
