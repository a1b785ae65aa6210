import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { assertNever } from '../../preload/contract/assert-never.ts';
import { useWords } from '../words/words.ts';
import { ChooseKeyPlace } from './choose-key-place.tsx';
import { UnlockVault } from './unlock-vault.tsx';
import styles from './vault.module.css';
import { closeVaultDialog, type VaultNeed } from './vault-need.ts';
import { useVault } from './vault-queries.ts';

/** Answers what the vault waits for without leaving the page that needs it. */
export function VaultDialog({ need }: { readonly need: VaultNeed }) {
  const t = useWords('settings');
  const view = useVault().data;
  switch (need) {
    case 'unlock':
      return (
        <Dialog title={t('unlock')}>
          {/* What asked for it may be old: it may have been unlocked elsewhere since. */}
          {view?.locked === false ? <p className={styles.note}>{t('vault-is-open')}</p> : <UnlockVault />}
        </Dialog>
      );
    case 'choose':
      return (
        view && (
          <ChooseKeyPlace
            vault={view.vault}
            locked={view.locked}
            frame={(places, asking) => (
              <Dialog title={t('vault-title')} aside={asking}>
                <div className={styles.choose}>
                  <p className={styles.note}>{t('vault-what')}</p>
                  {places}
                </div>
              </Dialog>
            )}
          />
        )
      );
    default:
      return assertNever(need);
  }
}

/** `aside`: another dialog asks in its place. */
function Dialog({
  title,
  aside,
  children,
}: {
  readonly title: string;
  readonly aside?: boolean;
  readonly children: ReactNode;
}) {
  const shell = useWords('shell');
  return (
    <Modal
      opened={!aside}
      onClose={closeVaultDialog}
      title={<strong>{title}</strong>}
      size="34rem"
      closeButtonProps={{ 'aria-label': shell('close') }}
    >
      {children}
    </Modal>
  );
}
