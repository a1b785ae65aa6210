import { Button } from '@mantine/core';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { useChanges } from '../core/core-context.tsx';
import { Banner } from '../parts/banner.tsx';
import { useWords } from '../words/words.ts';
import { askForVault, forgetNeed, noteProblem, useVaultNeeds } from './vault-need.ts';
import { useVault } from './vault-queries.ts';

const VaultDialog = lazy(async () => ({ default: (await import('./vault-dialog.tsx')).VaultDialog }));

/**
 * Says on every page that secrets cannot be used, with the way out: always while the vault waits for its passphrase, and after something
 * failed because no keychain answered.
 */
export function VaultBanner() {
  const t = useWords('settings');
  const shell = useWords('shell');
  const { noted, asked } = useVaultNeeds();
  const { data: view, refetch } = useVault();
  useChanges((change) => {
    if (change.kind === 'task' && change.task.problem) noteProblem(change.task.problem);
  });

  // What was known of the vault is older than the failure.
  useEffect(() => {
    if (noted === 'unlock') void refetch();
  }, [noted, refetch]);
  // Decided elsewhere: in another window, or by the command line.
  const vault = view?.vault;
  const before = useRef(vault);
  useEffect(() => {
    if (before.current !== undefined && vault !== before.current) forgetNeed();
    before.current = vault;
  }, [vault]);

  return (
    <>
      {view?.locked ? (
        <Banner tone="warning" actions={<Button onClick={() => askForVault('unlock')}>{shell('vault-unlock')}</Button>}>
          <strong>{t('locked-title')}</strong> {t('locked-what')}
        </Banner>
      ) : (
        noted === 'choose' && (
          <Banner
            tone="warning"
            actions={
              <>
                <Button onClick={() => askForVault('choose')}>{shell('vault-choose')}</Button>
                <Button onClick={forgetNeed}>{t('choose-later')}</Button>
              </>
            }
          >
            {t('no-keychain')}
          </Banner>
        )
      )}
      {asked !== undefined && (
        <Suspense fallback={null}>
          <VaultDialog need={asked} />
        </Suspense>
      )}
    </>
  );
}
