import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Settings } from '../../preload/contract/settings.ts';
import { useChanges, useCore } from '../core/core-context.tsx';
import { forgetNeed } from './vault-need.ts';

/** Below the settings' own key: whoever asks for the settings anew asks for this anew. */
const vaultKey = ['settings', 'vault'];

/** Where the vault's key lives and whether the passphrase is still awaited, true also when another window or the command line changes it. */
export function useVault() {
  const core = useCore();
  const queries = useQueryClient();
  useChanges((change) => {
    if (change.kind === 'activity' && ['settings', 'vault', 'undo'].includes(change.entry.kind))
      void queries.invalidateQueries({ queryKey: vaultKey });
  });
  return useQuery({
    queryKey: vaultKey,
    queryFn: ({ signal }) => core.settings.vault(undefined, { signal }),
    staleTime: 0,
  });
}

/** Opens the vault with its passphrase; every answer that failed for want of it is asked for again. */
export function useUnlock() {
  const core = useCore();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (passphrase: string) => core.settings.openVault({ passphrase }),
    onSuccess: () => {
      forgetNeed();
      return queries.invalidateQueries();
    },
  });
}

/** A place where the key can live. */
export type KeyPlace = Exclude<Settings['vault'], 'undecided'>;

/** Chooses where the key lives; the answer is what is true now, and what failed for want of a place is asked for again. */
export function useKeyPlace() {
  const core = useCore();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: { vault: KeyPlace; passphrase?: string }) => core.settings.chooseVault(input),
    onSuccess: (settings) => {
      forgetNeed();
      queries.setQueryData(['settings'], settings);
      return queries.invalidateQueries();
    },
  });
}
