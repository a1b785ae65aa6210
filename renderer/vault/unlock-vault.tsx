import { Button } from '@mantine/core';
import { useState } from 'react';
import { problemOf } from '../core/problems.ts';
import { ProblemCard } from '../parts/problem-card.tsx';
import { SecretInput } from '../parts/secret-input.tsx';
import { Warning } from '../parts/warning.tsx';
import { useWords } from '../words/words.ts';
import styles from './vault.module.css';
import { useUnlock } from './vault-queries.ts';

/** The vault waits for its passphrase: what that means, and the field to type it. */
export function UnlockVault() {
  const t = useWords('settings');
  const [passphrase, setPassphrase] = useState('');
  const unlock = useUnlock();
  return (
    <form
      className={styles.locked}
      aria-label={t('locked-title')}
      onSubmit={(event) => {
        event.preventDefault();
        if (passphrase !== '') unlock.mutate(passphrase);
      }}
    >
      <Warning>
        <strong>{t('locked-title')}</strong> {t('locked-what')}
      </Warning>
      <div className={styles.unlock}>
        <SecretInput label={t('passphrase')} value={passphrase} onChange={setPassphrase} autoFocus />
        <Button type="submit" variant="filled" loading={unlock.isPending} disabled={passphrase === ''}>
          {t('unlock')}
        </Button>
      </div>
      {unlock.error && <ProblemCard problem={problemOf(unlock.error)} />}
    </form>
  );
}
