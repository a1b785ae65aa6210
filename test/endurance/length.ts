/**
 * How long the endurance tests go on. `npm test` runs each of them in short, which proves that it works and catches what breaks at once;
 * `npm run endurance` (LENGTH=full) runs them at full length: ten minutes of load, two hundred random times.
 */
export const full = process.env['LENGTH'] === 'full';

/**
 * What `chanceOf` (test/pages/world/chance.ts) starts from where a test draws by chance: SEED of the environment, else a new one for each
 * run at full length and always the same one in short, where the same code is to give the same answer. A test prints it, so that a failure
 * can be run again.
 */
export const seed = process.env['SEED'] ?? (full ? String(Date.now() % 1_000_000) : '899493');

/** The shorter of two amounts in `npm test`, the longer in `npm run endurance`. */
export function amount(short: number, long: number): number {
  return full ? long : short;
}
