import { Radio } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import type { Settings } from '../../preload/contract/settings.ts';
import { problemOf } from '../core/problems.ts';
import { Confirm } from '../parts/confirm.tsx';
import { ProblemCard } from '../parts/problem-card.tsx';
import { Warning } from '../parts/warning.tsx';
import { useWords } from '../words/words.ts';
import { PassphraseDialog } from './passphrase-dialog.tsx';
import styles from './vault.module.css';
import { type KeyPlace, useKeyPlace } from './vault-queries.ts';

const places: readonly KeyPlace[] = ['keychain', 'passphrase', 'key-file'];

/**
 * The places where the vault's key can live, one to be chosen. Two of them are asked about in a dialog; `frame` puts the places themselves
 * into something that may have to step aside for that.
 */
export function ChooseKeyPlace({
  vault,
  locked,
  frame = (shown) => shown,
}: {
  readonly vault: Settings['vault'];
  readonly locked: boolean;
  readonly frame?: (shown: ReactNode, asking: boolean) => ReactNode;
}) {
  const t = useWords('settings');
  const group = useId();
  const move = useKeyPlace();
  const [asked, setAsked] = useState<KeyPlace>();

  function choose(place: KeyPlace): void {
    if (place === vault) return;
    if (place === 'keychain') move.mutate({ vault: place });
    else setAsked(place);
  }

  const shown = (
    <>
      <div role="radiogroup" aria-label={t('vault-title')} className={styles.choices}>
        {places.map((place) => (
          <Radio
            key={place}
            name={group}
            size="xs"
            label={t(`vault-${place}`)}
            description={t(`vault-${place}-what`)}
            checked={vault === place}
            disabled={move.isPending || locked}
            onChange={() => choose(place)}
          />
        ))}
      </div>
      {vault === 'undecided' && <p className={styles.note}>{t('vault-undecided')}</p>}
      {move.isSuccess && (
        <p role="status" className={styles.note}>
          {t('vault-moved')}
        </p>
      )}
      {move.error && <ProblemCard problem={problemOf(move.error)} action={null} />}
      {vault === 'key-file' && <Warning>{t('vault-key-file-warning')}</Warning>}
    </>
  );
  return (
    <>
      {frame(shown, asked !== undefined)}
      {asked === 'passphrase' && (
        <PassphraseDialog
          onChosen={(passphrase) => {
            setAsked(undefined);
            move.mutate({ vault: 'passphrase', passphrase });
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
      <Confirm
        opened={asked === 'key-file'}
        title={t('key-file-title')}
        verb={t('key-file-do')}
        danger
        onConfirm={() => {
          setAsked(undefined);
          move.mutate({ vault: 'key-file' });
        }}
        onClose={() => setAsked(undefined)}
      >
        <p>{t('vault-key-file-warning')}</p>
      </Confirm>
    </>
  );
}
