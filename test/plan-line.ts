import type { PlanStep } from '../preload/contract/node.ts';
import { say } from '../main/terminal/sayings.ts';

/** A plan's step as one line: `create file envoy/xds/rds.yaml — no such file`. */
export function planLine(step: PlanStep): string {
  return `${step.action} ${step.resource} — ${say(step.because)}`;
}
