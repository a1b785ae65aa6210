import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { CacheList } from '../../../preload/contract/cache.ts';
import type { Problem } from '../../../preload/contract/problem.ts';
import type { Task } from '../../../preload/contract/task.ts';
import { useChanges, useCore } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { type Answer, type NodeChoice, together } from './image-selection.ts';
import { heldBytes, mayBeHeld, withLastHour } from './last-hour.ts';

/** What is known of one node's cache: its list, or why there is none. */
export interface Listed {
  readonly node: string;
  readonly list: CacheList | undefined;
  readonly problem: Problem | undefined;
  readonly loading: boolean;
}

/**
 * The caches of several nodes, each asked by itself: one that does not answer holds up no other. What is known is shown at once and counted
 * anew whenever the page is opened: nobody listened while it was closed.
 */
export function useCacheLists(nodes: readonly string[]): readonly Listed[] {
  const core = useCore();
  const results = useQueries({
    queries: nodes.map((node) => ({
      queryKey: ['cache', 'list', node],
      queryFn: ({ signal }: { signal: AbortSignal }) => core.cache.list({ node }, { signal }),
      staleTime: 0,
      retry: false,
    })),
  });
  return nodes.map((node, index) => {
    const result = results[index];
    return {
      node,
      list: result?.data,
      problem: result?.error ? problemOf(result.error) : undefined,
      loading: result?.isPending ?? true,
    };
  });
}

/** The pins of several nodes by node; none where they are not known yet. */
export function usePins(nodes: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const core = useCore();
  const results = useQueries({
    queries: nodes.map((node) => ({
      queryKey: ['cache', 'pins', node],
      queryFn: ({ signal }: { signal: AbortSignal }) => core.cache.pins({ node }, { signal }),
      staleTime: 0,
      retry: false,
    })),
  });
  return useSamePins(nodes, results);
}

/** The same map as long as the answers in it are the same: 10,000 rows are drawn by it. */
function useSamePins(
  nodes: readonly string[],
  results: readonly { readonly data: readonly string[] | undefined }[],
): ReadonlyMap<string, readonly string[]> {
  const [kept, setKept] = useState<ReadonlyMap<string, readonly string[]>>(new Map());
  const same =
    kept.size === nodes.length && nodes.every((node, index) => kept.get(node) === (results[index]?.data ?? noPins));
  if (same) return kept;
  const next = new Map(nodes.map((node, index) => [node, results[index]?.data ?? noPins]));
  setKept(next);
  return next;
}

const noPins: readonly string[] = [];

/** What the last answer says, and whether it is the answer to what is asked now. */
export interface Preview {
  readonly answer: Answer | undefined;
  readonly problem: Problem | undefined;
  readonly counting: boolean;
}

const pauseMs = 250;

/** Asks the nodes what these prunes would take, a moment after the choice came to rest. An answer to an earlier choice is never shown as one to this. */
export function usePreview(choices: readonly NodeChoice[]): Preview {
  const core = useCore();
  const asked = useMemo(() => JSON.stringify(choices), [choices]);
  const [resting] = useDebouncedValue(asked, pauseMs);
  const questions = resting === asked ? choices : [];
  const results = useQueries({
    queries: questions.map((question) => ({
      queryKey: ['cache', 'preview', question.node, question],
      queryFn: ({ signal }: { signal: AbortSignal }) => core.cache.preview(question, { signal }),
      staleTime: 15_000,
      gcTime: 60_000,
      retry: false,
    })),
  });
  if (choices.length === 0) return { answer: together([]), problem: undefined, counting: false };
  if (resting !== asked) return { answer: undefined, problem: undefined, counting: true };
  const failed = results.find((result) => result.error !== null)?.error;
  const previews = results.map((result) => result.data).filter((data) => data !== undefined);
  return {
    answer: previews.length === choices.length ? together(previews) : undefined,
    problem: failed ? problemOf(failed) : undefined,
    counting: results.some((result) => result.isFetching && result.data === undefined),
  };
}

/** What a prune is asked with, and what is known to say about it. */
export interface PruneQuestion {
  readonly choices: readonly NodeChoice[];
  readonly preview: Preview;
  /** Bytes that would go too if they were not of the last hour; 0 where there are none or none are known yet. */
  readonly heldBytes: number;
}

/** Previews these prunes with or without the last hour. Where the hour may hold something back, the nodes are asked how much. */
export function usePruneQuestion(choices: readonly NodeChoice[], lastHour: boolean): PruneQuestion {
  const asked = useMemo(() => withLastHour(choices, lastHour), [choices, lastHour]);
  const preview = usePreview(asked);
  const { answer } = preview;
  const held = !lastHour && answer !== undefined && mayBeHeld(answer);
  const unheld = usePreview(useMemo(() => (held ? withLastHour(choices, true) : []), [choices, held])).answer;
  return {
    choices: asked,
    preview,
    heldBytes: held && unheld !== undefined ? heldBytes(answer, unheld) : 0,
  };
}

/** Prunes several nodes at the same time; each is a task of its own, and one that fails stops no other. */
export function usePrune() {
  const core = useCore();
  return useMutation({
    mutationFn: (choices: readonly NodeChoice[]) =>
      Promise.all(
        choices.map(async (choice): Promise<PruneEnd> => {
          const { node } = choice;
          try {
            return { node, task: await core.cache.prune(choice) };
          } catch (error) {
            return { node, problem: problemOf(error) };
          }
        }),
      ),
  });
}

export interface PruneEnd {
  readonly node: string;
  readonly task?: Task;
  readonly problem?: Problem;
}

/** The size of a node's cache over a stretch of time. */
export function useGrowth(node: string, from: number, to: number) {
  const core = useCore();
  return useQuery({
    queryKey: ['cache', 'growth', node, from, to],
    queryFn: ({ signal }) => core.cache.growth({ node, from, to }, { signal }),
    staleTime: 60_000,
    retry: false,
    placeholderData: (before) => (before?.node === node ? before : undefined),
  });
}

export function useSchedule(node: string) {
  const core = useCore();
  return useQuery({
    queryKey: ['cache', 'schedule', node],
    queryFn: ({ signal }) => core.cache.schedule({ node }, { signal }),
    staleTime: 0,
    retry: false,
  });
}

/** Kinds of tasks after which a node's cache is another one. */
const cacheTasks: ReadonlySet<Task['kind']> = new Set([
  'prune',
  'scrub',
  'cache-schedule',
  'node-apply',
  'node-remove',
  'undo',
]);

/** Asks anew for what a change made untrue, whoever made it: this page, another window, the command line. */
export function useFreshCaches(): void {
  const queries = useQueryClient();
  useChanges((change) => {
    if (change.kind === 'task' && change.task.state !== 'running' && cacheTasks.has(change.task.kind)) {
      void queries.invalidateQueries({ queryKey: ['cache'], predicate: about(change.task.subject) });
    }
    if (change.kind === 'activity' && (change.entry.kind === 'pin' || change.entry.kind === 'unpin')) {
      void queries.invalidateQueries({ queryKey: ['cache'], predicate: about(change.entry.subject) });
    }
  });
}

/** Queries of one node: its name stands third in their keys. An undo names what it took back only by its subject, which may be a node. */
function about(node: string): (query: { readonly queryKey: readonly unknown[] }) => boolean {
  return (query) => query.queryKey[2] === node;
}
