import type { NodeSpec, Preflight } from '../../preload/contract/node.ts';
import { ProblemError, fail } from '../../preload/contract/problem.ts';
import { nodeLayout } from '../fleet/node-layout.ts';
import type { Command, CommandResult, Host } from '../hosts/host.ts';
import { judgePreflight, upstreamAddress } from './judge-preflight.ts';
import { parsePreflight } from './preflight-facts.ts';
import { preflightScript } from './preflight-script.ts';

/** Ten seconds per upstream, all at once, and what a slow server adds. Milliseconds. */
const preflightTimeout = 60_000;

/**
 * What is to be known of a machine before it becomes a node, each failure with its way out. One command; a second one only where the
 * login may not become root, so that the person sees everything else too. Problems: those of {@link Host}, `server-answer-unreadable`.
 */
export async function preflight(host: Host, spec: NodeSpec): Promise<Preflight> {
  const layout = nodeLayout(spec);
  const places = spec.upstreams.map(upstreamAddress).flatMap(({ host: name, port }) => [name, port]);
  const command: Command = {
    argv: ['sh', '-c', preflightScript, 'sh', layout.base, String(spec.port), layout.project, ...places],
    timeoutMs: preflightTimeout,
  };
  const askedAt = Date.now();
  let elevation: { code: string; message: string; hint: string } | undefined;
  let result: CommandResult;
  try {
    result = await host.run({ ...command, elevated: true });
  } catch (error) {
    if (!(error instanceof ProblemError) || !error.problem.code.startsWith('sudo-')) throw error;
    const { code, message, hint } = error.problem;
    elevation = { code, message, hint };
    result = await host.run(command);
  }
  if (result.code !== 0) {
    fail({
      code: 'preflight-failed',
      message: `${host.name} could not be looked at (exit ${result.code}); nothing was changed.`,
      hint: 'The detail says what its shell answered.',
      detail: { output: result.stderr.slice(-2000) || '(nothing)' },
    });
  }
  const facts = parsePreflight(result.stdout, host.name, askedAt, Date.now());
  return {
    node: spec.name,
    checks: judgePreflight({ ...facts, ...(elevation === undefined ? {} : { elevation }) }, spec),
  };
}
