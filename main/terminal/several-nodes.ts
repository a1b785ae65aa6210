import { type Problem, ProblemError, fail } from '../../preload/contract/problem.ts';
import { problemIn } from '../endpoints/client.ts';
import { type Session, askingForSecrets } from './session.ts';

/** A node at which a call failed, and why. */
export interface FailedNode {
  readonly node: string;
  readonly problem: Problem;
}

/** Every node that was ever applied, by name. Throws `node-none` where there is none. */
export async function appliedNodes(session: Session): Promise<readonly string[]> {
  const { nodes } = await session.client.live.snapshot();
  const names = nodes.filter(({ applied }) => applied).map(({ name }) => name);
  if (names.length > 0) return names.toSorted();
  return fail({
    code: 'node-none',
    message: 'No node was set up yet; there is no cache.',
    hint: 'Add one: mirrorfleet node add tokyo user@host',
  });
}

/** Checks that a command was given one node or all of them. Throws `input-invalid`. */
export function expectOneOrAll(node: string | undefined, all: boolean | undefined): void {
  if ((node === undefined) === (all === true)) return;
  fail({
    code: 'input-invalid',
    message: node === undefined ? 'No node is named.' : 'Name one node or all of them, not both.',
    hint: 'Give the name of a node, or --all-nodes.',
  });
}

/** Makes a call for each node in turn; one that fails is said and stands in no other's way. */
export async function forEachNode<T>(
  session: Session,
  nodes: readonly string[],
  call: (node: string) => Promise<T>,
): Promise<{ readonly results: readonly T[]; readonly failed: readonly FailedNode[] }> {
  const results: T[] = [];
  const failed: FailedNode[] = [];
  for (const node of nodes) {
    try {
      results.push(await askingForSecrets(session, node, () => call(node)));
    } catch (error) {
      const problem = problemIn(error);
      if (problem === undefined || session.interruption.signal.aborted) throw error;
      failed.push({ node, problem });
      if (!session.output.json) session.output.problem(problem);
    }
  }
  return { results, failed };
}

/** Ends a command over several nodes: what failed at some makes the whole a failure, after everything else was done. */
export function expectNoneFailed(failed: readonly FailedNode[], of: number): void {
  const [first] = failed;
  if (first === undefined) return;
  throw new ProblemError({
    code: 'some-nodes-failed',
    message: `${failed.length} of ${of} nodes failed (${failed.map(({ node }) => node).join(', ')}); the others are done.`,
    hint: first.problem.hint,
    retryable: failed.every(({ problem }) => problem.retryable === true),
  });
}
