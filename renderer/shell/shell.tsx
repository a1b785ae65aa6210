import { spotlight } from '@mantine/spotlight';
import { UnstyledButton } from '@mantine/core';
import { type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { useRecover } from '../core/recover.ts';
import { useDoor, useShell } from '../door/door-context.tsx';
import { Icon } from '../parts/icons.tsx';
import { go, usePlace } from '../place/use-place.ts';
import { formatPlace } from '../place/place.ts';
import { useScheme } from '../theme/use-scheme.ts';
import { schemes } from '../theme/scheme.ts';
import { languageChoices } from '../../preload/contract/language.ts';
import { VaultBanner } from '../vault/vault-banner.tsx';
import { useWords } from '../words/words.ts';
import { type Command, useCommands } from './commands.ts';
import { CoreBanner } from './core-banner.tsx';
import { NoTrayBanner, VersionBanner } from './desktop-banners.tsx';
import { KeysDialog } from './keys-dialog.tsx';
import { Navigation } from './navigation.tsx';
import { Palette } from './palette.tsx';
import styles from './shell.module.css';
import { StatusStrip } from './status-strip.tsx';
import { useKeys } from './use-keys.ts';

/** What stands around every page: navigation, the page, the strip at the foot, the palette and the keys. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const t = useWords('shell');
  const main = useRef<HTMLElement>(null);
  const [keysShown, setKeysShown] = useState(false);
  useKeys(() => setKeysShown(true));
  useRecover();
  useBegin(main);
  useShellCommands(() => setKeysShown(true));
  return (
    <div className={styles.frame}>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        {t('skip')}
      </button>
      <div className={styles.side}>
        <Navigation />
        <div className={styles.tools}>
          <UnstyledButton className={styles.entry} onClick={spotlight.open}>
            <Icon name="search" />
            <span>{t('palette')}</span>
          </UnstyledButton>
          <UnstyledButton className={styles.entry} onClick={() => setKeysShown(true)}>
            <Icon name="keys" />
            <span>{t('keys')}</span>
          </UnstyledButton>
        </div>
      </div>
      <main ref={main} className={styles.main} tabIndex={-1}>
        <CoreBanner />
        <VersionBanner />
        <VaultBanner />
        <NoTrayBanner />
        {children}
      </main>
      <StatusStrip />
      <Palette />
      <KeysDialog opened={keysShown} onClose={() => setKeysShown(false)} />
    </div>
  );
}

/** Another page begins at its top, and with the keys in it: what had the focus went with the page before. */
function useBegin(main: RefObject<HTMLElement | null>): void {
  const [page = ''] = formatPlace(usePlace()).split('?');
  useEffect(() => {
    if (main.current) main.current.scrollTop = 0;
    if (document.activeElement === document.body) main.current?.focus({ preventScroll: true });
  }, [page, main]);
}

function useShellCommands(showKeys: () => void): void {
  const t = useWords('shell');
  const { appearance, shell } = useDoor();
  const stopped = useShell()?.state.core.state === 'stopped';
  const [, setScheme] = useScheme();
  const commands = useMemo((): readonly Command[] => {
    const group = t('palette-commands');
    return [
      { id: 'add-node', title: t('command-add-node'), group, run: () => go({ page: 'add' }) },
      { id: 'show-keys', title: t('command-keys'), group, run: showKeys },
      ...(shell && stopped
        ? [{ id: 'start-core', title: t('command-start-core'), group, words: ['core'], run: () => shell.startCore() }]
        : []),
      ...(shell
        ? [
            {
              id: 'core-log',
              title: t('command-log'),
              group,
              words: ['core', 'log'],
              run: () => shell.reveal('core-log'),
            },
            {
              id: 'settings-folder',
              title: t('command-settings-folder'),
              group,
              run: () => shell.reveal('settings-folder'),
            },
          ]
        : []),
      ...schemes.map(
        (scheme): Command => ({
          id: `theme-${scheme}`,
          title: t(`command-theme-${scheme}`),
          group,
          words: ['theme'],
          run: () => setScheme(scheme),
        }),
      ),
      ...languageChoices.map(
        (choice): Command => ({
          id: `language-${choice}`,
          title: t(`command-language-${choice}`),
          group,
          words: ['language', '语言'],
          run: () => appearance.choose({ language: choice }),
        }),
      ),
    ];
    // showKeys and setScheme do the same at every render.
  }, [t, appearance, shell, stopped]);
  useCommands(commands);
}
