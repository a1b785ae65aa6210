import { type InfiniteData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ActivityEntry, ActivityPage } from '../../../preload/contract/activity.ts';
import { useChanges, useCore } from '../../core/core-context.tsx';
import { type ActivityFilter, nextBefore, withEntry } from './activity-pages.ts';

const pageLength = 100;

/** The journal, page by page as one scrolls, and kept true by what the core tells. */
export function useJournal(filter: ActivityFilter) {
  const core = useCore();
  const queries = useQueryClient();
  const key = ['activity', 'list', filter];
  const journal = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      core.activity.list(
        {
          limit: pageLength,
          ...(pageParam !== undefined && { before: pageParam }),
          ...(filter.subject !== undefined && { subject: filter.subject }),
          ...(filter.kinds.length > 0 && { kinds: [...filter.kinds] }),
        },
        { signal },
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: nextBefore,
    // Nobody listens while the page is closed, so what was known then is asked for again.
    staleTime: 0,
  });
  useChanges((change) => {
    if (change.kind !== 'activity') return;
    queries.setQueryData<InfiniteData<ActivityPage, number | undefined>>(
      key,
      (data) => data && { ...data, pages: [...withEntry(data.pages, change.entry, filter)] },
    );
    queries.setQueryData<ActivityEntry>(['activity', 'show', change.entry.id], (known) => known && change.entry);
    // What another filter shows is asked for again when it is looked at.
    void queries.invalidateQueries({
      queryKey: ['activity', 'list'],
      refetchType: 'none',
      predicate: (query) => query.queryKey[2] !== filter,
    });
  });
  return journal;
}

/** One entry by its id, which may be older than every page at hand; nothing is asked while there is no id. */
export function useEntry(id: string | undefined) {
  const core = useCore();
  return useQuery({
    queryKey: ['activity', 'show', id],
    queryFn: ({ signal }) => core.activity.show({ id: id ?? '' }, { signal }),
    enabled: id !== undefined,
    staleTime: 0,
  });
}

/** Takes an entry back, or goes on with it. Resolves with the task's end, also where it failed. */
export function useTakeUp(how: 'undo' | 'resume') {
  const core = useCore();
  return useMutation({
    mutationFn: ({ id, sudoPassword }: { id: string; sudoPassword: string | undefined }) =>
      core.activity[how]({ id, ...(sudoPassword !== undefined && sudoPassword !== '' && { sudoPassword }) }),
  });
}
