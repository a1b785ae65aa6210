import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Client } from '../../core/client.ts';
import { useChanges, useCore } from '../../core/core-context.tsx';

const key = ['settings'];

/** The core's settings, true also when another window or the command line changes them. */
export function useSettings() {
  const core = useCore();
  const queries = useQueryClient();
  useChanges((change) => {
    if (change.kind === 'activity' && ['settings', 'vault', 'undo'].includes(change.entry.kind))
      void queries.invalidateQueries({ queryKey: key });
  });
  // Nobody listens while the page is closed, so what was known then is asked for again.
  return useQuery({ queryKey: key, queryFn: ({ signal }) => core.settings.get(undefined, { signal }), staleTime: 0 });
}

/** Saves one setting at once; the answer is what is true now. */
export function useSave<Input>(save: (settings: Client['settings'], input: Input) => Promise<Settings>) {
  const core = useCore();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => save(core.settings, input),
    onSuccess: (settings) => void queries.setQueryData(key, settings),
  });
}
