import { useSyncExternalStore } from 'react';
import type { Problem } from '../../preload/contract/problem.ts';

/** What the vault waits for: its passphrase, or the choice of a place for its key. */
export type VaultNeed = 'unlock' | 'choose';

/** What a failure asks for; undefined where it has nothing to do with the vault. */
export function vaultNeed({ code }: Pick<Problem, 'code'>): VaultNeed | undefined {
  if (code === 'vault-locked') return 'unlock';
  return code === 'vault-undecided' || code === 'keychain-unavailable' ? 'choose' : undefined;
}

/** noted: something failed for want of it. asked: the reader is answering it in a dialog. */
interface Needs {
  readonly noted?: VaultNeed;
  readonly asked?: VaultNeed;
}
let needs: Needs = {};
const listeners = new Set<() => void>();

function set(next: Needs): void {
  needs = next;
  for (const listener of listeners) listener();
}

/** Remembers that something failed for want of the vault, so that every page says so. */
export function noteProblem(problem: Pick<Problem, 'code'>): void {
  const need = vaultNeed(problem);
  if (need !== undefined && need !== needs.noted) set({ ...needs, noted: need });
}

/** Opens the dialog that answers the need. */
export function askForVault(need: VaultNeed): void {
  set({ ...needs, asked: need });
}

export function closeVaultDialog(): void {
  const { asked: _closed, ...others } = needs;
  set(others);
}

/** The need was met, or the reader does not want to hear of it. */
export function forgetNeed(): void {
  set({});
}

export function useVaultNeeds(): Needs {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => needs,
  );
}
