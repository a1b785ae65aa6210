import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Client } from '../../core/client.ts';
import { useChanges, useCore } from '../../core/core-context.tsx';

const key = ['settings'];
const vaultKey = ['settings', 'vault'];

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

/** Where the vault's key lives and whether the passphrase is still awaited. */
export function useVault() {
  const core = useCore();
  return useQuery({
    queryKey: vaultKey,
    queryFn: ({ signal }) => core.settings.vault(undefined, { signal }),
    staleTime: 0,
  });
}

/** Saves one setting at once; the answer is what is true now. */
export function useSave<Input>(save: (settings: Client['settings'], input: Input) => Promise<Settings>) {
  const core = useCore();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => save(core.settings, input),
    onSuccess: async (settings) => {
      queries.setQueryData(key, settings);
      await queries.invalidateQueries({ queryKey: vaultKey });
    },
  });
}

/** Opens the vault with its passphrase; every answer that failed for want of it is asked for again. */
export function useUnlock() {
  const core = useCore();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (passphrase: string) => core.settings.openVault({ passphrase }),
    onSuccess: () => queries.invalidateQueries(),
  });
}
