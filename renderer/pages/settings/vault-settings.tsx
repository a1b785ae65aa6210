import { Radio } from '@mantine/core';
import { useId, useState } from 'react';
import type { Settings } from '../../../preload/contract/settings.ts';
import { problemOf } from '../../core/problems.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useWords } from '../../words/words.ts';
import { PassphraseDialog } from './passphrase-dialog.tsx';
import { SettingRow, useFound } from './setting-row.tsx';
import styles from './settings-page.module.css';
import { useSave, useVault } from './settings-queries.ts';
import { UnlockVault } from './unlock-vault.tsx';

type Choice = Exclude<Settings['vault'], 'undecided'>;
const choices: readonly Choice[] = ['keychain', 'passphrase', 'key-file'];

/** Where the key lives that seals this fleet's secrets. */
export function VaultSection({ vault }: { readonly vault: Settings['vault'] }) {
  const t = useWords('settings');
  const group = useId();
  const view = useVault();
  const save = useSave<{ vault: Choice; passphrase?: string }>((settings, next) => settings.chooseVault(next));
  const [asked, setAsked] = useState<Choice>();
  const locked = view.data?.locked === true;
  if (!useFound('vault')) return null;

  function choose(choice: Choice): void {
    if (choice === vault) return;
    if (choice === 'keychain') save.mutate({ vault: choice });
    else setAsked(choice);
  }

  return (
    <Section title={t('vault')}>
      {locked && <UnlockVault />}
      <SettingRow id="vault" title={t('vault-title')} what={t('vault-what')} saved={false}>
        <div role="radiogroup" aria-label={t('vault-title')} className={styles.choices}>
          {choices.map((choice) => (
            <Radio
              key={choice}
              name={group}
              size="xs"
              label={t(`vault-${choice}`)}
              description={t(`vault-${choice}-what`)}
              checked={vault === choice}
              disabled={save.isPending || locked}
              onChange={() => choose(choice)}
            />
          ))}
        </div>
        {vault === 'undecided' && <p className={styles.note}>{t('vault-undecided')}</p>}
        {save.isSuccess && (
          <p role="status" className={styles.note}>
            {t('vault-moved')}
          </p>
        )}
        {save.error && <ProblemCard problem={problemOf(save.error)} />}
        {vault === 'key-file' && (
          <p className={styles.warning}>
            <Icon name="warning" size={14} />
            <span>{t('vault-key-file-warning')}</span>
          </p>
        )}
      </SettingRow>
      {asked === 'passphrase' && (
        <PassphraseDialog
          onChosen={(passphrase) => {
            setAsked(undefined);
            save.mutate({ vault: 'passphrase', passphrase });
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
          save.mutate({ vault: 'key-file' });
        }}
        onClose={() => setAsked(undefined)}
      >
        <p>{t('vault-key-file-warning')}</p>
      </Confirm>
    </Section>
  );
}
