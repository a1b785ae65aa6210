import type { Problem } from '../../preload/contract/problem.ts';

/** What is done about a core that crashed. */
export type Remedy = { readonly kind: 'restart'; readonly afterMs: number } | { readonly kind: 'stop' };

/** So many crashes within the window mean that another start would not help. */
const crashesAllowed = 3;
const windowMs = 60_000;
/** The breath before each start after the first crash, the second … within the window: most crashes happen once, and nobody should wait for those. */
const breathsMs: readonly number[] = [200, 1000, 3000];

/** What to do after the last of these crashes (times in ms, any order). */
export function remedyFor(crashes: readonly number[], now: number): Remedy {
  const recent = crashes.filter((at) => now - at < windowMs).length;
  if (recent >= crashesAllowed) return { kind: 'stop' };
  return { kind: 'restart', afterMs: breathsMs[Math.max(recent - 1, 0)] ?? 0 };
}

/** What is said of a core that is left alone. */
export function leftAlone(how: string, lastLines: readonly string[], coreLog: string): Problem {
  return {
    code: 'core-stopped',
    message: 'The core ended three times within a minute and is left alone; nothing is watched or switched meanwhile.',
    hint: `Start it again. What went wrong stands in its log: ${coreLog}`,
    retryable: true,
    detail: { log: coreLog, how, output: lastLines.join('\n') },
  };
}
