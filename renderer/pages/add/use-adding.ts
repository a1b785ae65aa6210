import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { NodeSecrets } from '../../../preload/contract/contract.ts';
import type { Problem } from '../../../preload/contract/problem.ts';
import { useCore, useSnapshot } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { type Draft, draftOf, emptyDraft, faultsOf, keepDraft, readDraft, requestOf } from './draft.ts';
import { blockingChecks, type Known } from './progress.ts';
import { type Question, questionIn, questionOf } from './questions.ts';

const problemIn = (error: Error | null): Problem | undefined => (error === null ? undefined : problemOf(error));

/**
 * A node on its way into the fleet: the draft, what the core said to it, and the calls that take it further. `resume` names a node that is
 * there already. What is typed as a secret lives in the field that asks for it, until the call with it has ended.
 */
export function useAdding(resume: string | undefined) {
  const core = useCore();
  const queries = useQueryClient();
  const snapshot = useSnapshot(({ nodes, tasks }) => ({ nodes, tasks }));
  const [draft, setDraft] = useState<Draft>(() => readDraft(localStorage));
  const [accepted, setAccepted] = useState<readonly string[]>([]);
  const [secret, setSecret] = useState('');
  const name = draft.added?.name;
  const keep = (next: Draft): void => {
    setDraft(next);
    keepDraft(localStorage, next);
  };

  const shown = useQuery({
    queryKey: ['node', 'show', resume],
    queryFn: () => core.node.show({ name: resume ?? '' }),
    enabled: resume !== undefined && name !== resume,
  });
  useEffect(() => {
    const spec = shown.data?.spec;
    if (spec === undefined || name === spec.name) return;
    const next = draftOf(spec, Date.now());
    setDraft(next);
    keepDraft(localStorage, next);
  }, [shown.data, name]);

  const checks = useQuery({
    queryKey: ['preflight', name],
    queryFn: () => core.node.preflight({ name: name ?? '' }),
    enabled: name !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    // What was found when the page was left says nothing about now.
    refetchOnMount: 'always',
    // Whoever comes back from a terminal has put something right there: what stood in the way is looked at again.
    refetchOnWindowFocus: ({ state }) =>
      state.error !== null || blockingChecks(state.data, draft.installEngine).length > 0 ? 'always' : false,
  });

  const plan = useMutation({
    mutationFn: () => core.node.plan({ name: name ?? '', installEngine: draft.installEngine }),
  });
  const apply = useMutation({
    mutationFn: ({ breakLock }: { breakLock: boolean }) =>
      core.node.apply({ name: name ?? '', hash: plan.data?.hash ?? '', installEngine: draft.installEngine, breakLock }),
    // However it ended: what the plan said of the server is no longer so.
    onSuccess: () => plan.reset(),
  });

  const add = useMutation({
    mutationFn: async ({ keys, asked }: { keys: readonly string[]; asked: Question | undefined }) => {
      const request = requestOf(draft);
      const secrets: NodeSecrets = asked?.kind === 'secret' && secret !== '' ? { [asked.secret]: secret } : {};
      const found = await core.node.add({
        spec: request,
        secrets,
        ...(keys.length === 0 ? {} : { acceptHostKey: keys.join(',') }),
      });
      return { request, found };
    },
    onSuccess: ({ request, found }) => {
      keep({ ...draft, added: request, addedAt: Date.now() });
      queries.setQueryData(['preflight', request.name], found);
      plan.reset();
      apply.reset();
    },
    onSettled: () => setSecret(''),
  });
  const unlock = useMutation({
    mutationFn: async (asked: Question & { kind: 'secret' }) => {
      await core.node.unlock({ name: name ?? '', secrets: { [asked.secret]: secret } });
    },
    onSettled: () => setSecret(''),
    onSuccess: async () => {
      plan.reset();
      await checks.refetch();
    },
  });

  const problems = {
    add: problemIn(add.error),
    checks: problemIn(checks.error),
    unlock: problemIn(unlock.error),
    plan: problemIn(plan.error),
    apply: problemIn(apply.error),
  };
  const asking = add.isPending
    ? 'add'
    : unlock.isPending || checks.isFetching
      ? 'check'
      : plan.isPending
        ? 'plan'
        : apply.isPending
          ? 'apply'
          : 'nothing';
  const question =
    [problems.add, problems.checks, problems.plan].flatMap((each) => (each && questionOf(each)) ?? [])[0] ??
    questionIn(checks.data);
  const task = snapshot?.tasks.findLast(
    ({ kind, subject, startedAt }) =>
      kind === 'node-apply' && subject === name && startedAt >= (draft.addedAt ?? 0) - clockSlack,
  );
  const taken = snapshot?.nodes.map((node) => node.name) ?? [];
  const nothingLeft = plan.data?.steps.length === 0;
  const known: Known = {
    draft,
    taken,
    asking,
    question,
    preflight: checks.data,
    plan: plan.data,
    task,
    applied: (task?.state === 'done' && !plan.isPending) || nothingLeft,
  };

  return {
    known,
    /** The snapshot came, and a node that is gone on with is known. */
    ready: snapshot !== undefined && !(shown.isLoading || (shown.isError && name !== resume)),
    faults: faultsOf(draft, taken),
    problems,
    /** A node of that name cannot be shown; the address is old. */
    resumeProblem: problemIn(shown.error),
    secret,
    setSecret,
    change: (next: Draft) => {
      keep(next);
      plan.reset();
      // What was said of the host as it was written before says nothing about this one.
      if (next.destination !== draft.destination) {
        setAccepted([]);
        add.reset();
      }
    },
    connect: () => add.mutate({ keys: accepted, asked: undefined }),
    trust: (asked: Question & { kind: 'host-key' }) => {
      const keys = asked.differs ? [asked.key.fingerprint] : [...accepted, asked.key.fingerprint];
      setAccepted(keys);
      add.mutate({ keys, asked: undefined });
    },
    answer: (asked: Question & { kind: 'secret' }) =>
      problems.add || name === undefined ? add.mutate({ keys: accepted, asked }) : unlock.mutate(asked),
    checkAgain: () => void checks.refetch(),
    makePlan: () => {
      apply.reset();
      plan.mutate();
    },
    apply: (breakLock: boolean) => apply.mutate({ breakLock }),
    /** The node is done: the next visit begins anew. */
    leave: () => keepDraft(localStorage, undefined),
    startOver: () => {
      for (const each of [add, unlock, plan, apply]) each.reset();
      setAccepted([]);
      setSecret('');
      setDraft(emptyDraft);
      keepDraft(localStorage, undefined);
    },
  };
}

export type Adding = ReturnType<typeof useAdding>;

/** The core's clock is this computer's; what was asked for and began within the same moment belongs together. Milliseconds. */
const clockSlack = 1000;
