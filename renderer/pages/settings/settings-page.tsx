import { Button, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { problemOf } from '../../core/problems.ts';
import { useShell } from '../../door/door-context.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { go, usePlace } from '../../place/use-place.ts';
import { useWords, type Words } from '../../words/words.ts';
import { AboutSection } from './about-section.tsx';
import { AppearanceSettings } from './appearance-settings.tsx';
import { DesktopSettings } from './desktop-settings.tsx';
import { ImageSection } from './image-settings.tsx';
import { KeepSection } from './keep-settings.tsx';
import { FoundSettings } from './setting-row.tsx';
import styles from './settings-page.module.css';
import { useSettings } from './settings-queries.ts';
import { foundSettings, type SettingsItem } from './settings-search.ts';
import { VaultSection } from './vault-settings.tsx';
import { WatchSection } from './watch-settings.tsx';

/** Every setting on one page, found by its words, saved at once. */
export function SettingsPage() {
  const t = useWords('settings');
  const place = usePlace();
  const search = (place.page === 'settings' ? place.search : undefined) ?? '';
  const settings = useSettings();
  const tray = useShell()?.state.tray;
  const items = useMemo(() => itemsOf(t, tray), [t, tray]);
  const found = useMemo(() => foundSettings(items, search), [items, search]);
  const looksFor = (next: string): void =>
    go({ page: 'settings', ...(next !== '' && { search: next }) }, { replace: true });
  return (
    <Page
      title={t('title')}
      actions={
        <TextInput
          size="xs"
          className={styles.search}
          aria-label={t('search')}
          placeholder={t('search')}
          leftSection={<Icon name="search" size={14} />}
          value={search}
          onChange={(event) => looksFor(event.currentTarget.value)}
        />
      }
    >
      <FoundSettings value={found}>
        <div className={styles.sections}>
          {found.size === 0 && (
            <EmptyState title={t('none-title')} action={<Button onClick={() => looksFor('')}>{t('show-all')}</Button>}>
              {t('none-what')}
            </EmptyState>
          )}
          <AppearanceSettings />
          <DesktopSettings />
          {settings.isPending && <SkeletonRows rows={8} height={48} />}
          {settings.error && (
            <ProblemCard
              problem={problemOf(settings.error)}
              action={<Button onClick={() => void settings.refetch()}>{t('ask-again')}</Button>}
            />
          )}
          {settings.data && (
            <>
              <WatchSection watch={settings.data.watch} />
              <KeepSection keep={settings.data.keep} />
              <ImageSection images={settings.data.images} />
              <VaultSection vault={settings.data.vault} />
            </>
          )}
          <AboutSection />
        </div>
      </FoundSettings>
    </Page>
  );
}

/** Rows of the desktop app; that of the tray only where there is none. */
const desktopRows = ['login', 'notifications', 'tray'] as const;

const rows = [
  'theme',
  'language',
  'watch-every',
  'watch-upstream',
  'keep-history',
  'keep-activity',
  'image-registry',
  'image-envoy',
  'vault',
] as const;

/** What each setting is found by: its own words, its section's, and others that people use for it. `tray`: whether there is one; a browser does not know. */
function itemsOf(t: Words<'settings'>, tray: boolean | undefined): readonly SettingsItem[] {
  const sections = {
    theme: 'appearance',
    language: 'appearance',
    login: 'desktop',
    notifications: 'desktop',
    tray: 'desktop',
    watch: 'watch',
    keep: 'keep',
    image: 'images',
    vault: 'vault',
  } as const;
  const shown = [...rows, ...(tray === undefined ? [] : desktopRows.filter((row) => row !== 'tray' || !tray))];
  const sectionOf = (row: (typeof shown)[number]): string => {
    const start = (Object.keys(sections) as (keyof typeof sections)[]).find((each) => row.startsWith(each));
    return start === undefined ? '' : t(sections[start]);
  };
  return [
    ...shown.map((row) => ({
      id: row,
      texts: [sectionOf(row), t(`${row}-title`), t(`${row}-what`), t(`${row}-words`)],
    })),
    {
      id: 'about',
      texts: [
        t('about'),
        t('about-words'),
        t('about-version'),
        t('about-licence'),
        t('about-licence-text'),
        ...(tray === undefined ? [] : [t('about-core'), t('about-log'), t('about-folder')]),
      ],
    },
  ];
}
