import { useState } from 'react';
import { Confirm } from '../parts/confirm.tsx';
import { SecretInput } from '../parts/secret-input.tsx';
import { useWords } from '../words/words.ts';
import { passphraseError, shortestPassphrase } from './passphrase-field.ts';

/** A new passphrase, typed twice. */
export function PassphraseDialog({
  onChosen,
  onClose,
}: {
  readonly onChosen: (passphrase: string) => void;
  readonly onClose: () => void;
}) {
  const t = useWords('settings');
  const [first, setFirst] = useState('');
  const [again, setAgain] = useState('');
  const error = passphraseError(first, again);
  return (
    <Confirm
      opened
      title={t('passphrase-title')}
      verb={t('passphrase-do')}
      disabled={error !== undefined}
      onConfirm={() => onChosen(first)}
      onClose={onClose}
    >
      <p>{t('passphrase-means')}</p>
      <SecretInput
        label={t('passphrase-new')}
        value={first}
        onChange={setFirst}
        error={
          first !== '' && error === 'passphrase-short'
            ? t('error-passphrase-short', { count: shortestPassphrase })
            : undefined
        }
        autoFocus
      />
      <SecretInput
        label={t('passphrase-again')}
        value={again}
        onChange={setAgain}
        error={again !== '' && error === 'passphrase-differs' ? t('error-passphrase-differs') : undefined}
      />
    </Confirm>
  );
}
