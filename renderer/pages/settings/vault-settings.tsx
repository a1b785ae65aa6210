import type { Settings } from '../../../preload/contract/settings.ts';
import { Section } from '../../parts/page.tsx';
import { ChooseKeyPlace } from '../../vault/choose-key-place.tsx';
import { UnlockVault } from '../../vault/unlock-vault.tsx';
import { useVault } from '../../vault/vault-queries.ts';
import { useWords } from '../../words/words.ts';
import { SettingRow, useFound } from './setting-row.tsx';

/** Where the key lives that seals this fleet's secrets. */
export function VaultSection({ vault }: { readonly vault: Settings['vault'] }) {
  const t = useWords('settings');
  const view = useVault();
  const locked = view.data?.locked === true;
  if (!useFound('vault')) return null;
  return (
    <Section title={t('vault')}>
      {locked && <UnlockVault />}
      <SettingRow id="vault" title={t('vault-title')} what={t('vault-what')} saved={false}>
        <ChooseKeyPlace vault={vault} locked={locked} />
      </SettingRow>
    </Section>
  );
}
