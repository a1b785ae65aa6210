import type { Machine } from '../lab/lab.ts';

/** Processor seconds (user and system) that the machine's processes of those names have used so far. */
export async function processorSeconds(machine: Machine, names: readonly string[]): Promise<number> {
  const script = 'for n; do for p in $(pgrep -x "$n"); do cat "/proc/$p/stat"; done; done 2>/dev/null; getconf CLK_TCK';
  const lines = (await machine.mustExec(['sh', '-c', script, 'sh', ...names])).trim().split('\n');
  const ticksASecond = Number(lines.pop());
  // The name in brackets may hold spaces; user and system time are the 12th and 13th word after it.
  const ticks = lines.map((line) => line.slice(line.lastIndexOf(')') + 2).split(' '));
  return ticks.reduce((sum, words) => sum + Number(words[11]) + Number(words[12]), 0) / ticksASecond;
}
