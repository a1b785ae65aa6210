import { Switch } from '@mantine/core';
import { useShell } from '../../door/door-context.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { NoTray } from '../../parts/no-tray.tsx';
import { useWords } from '../../words/words.ts';
import { SettingRow, useFound } from './setting-row.tsx';

/** What the desktop app does on this computer; a browser has none of it. Kept by the app, not by the core. */
export function DesktopSettings() {
  const t = useWords('settings');
  const desk = useShell();
  const found = useFound('login', 'notifications', 'tray');
  if (!desk || !found) return null;
  const { shell, state } = desk;
  return (
    <Section title={t('desktop')}>
      {state.problem && <ProblemCard problem={state.problem} />}
      <SettingRow id="login" title={t('login-title')} what={t('login-what')}>
        <Switch
          aria-label={t('login-title')}
          checked={state.preferences.openAtLogin}
          onChange={(event) => shell.prefer({ openAtLogin: event.currentTarget.checked })}
        />
      </SettingRow>
      <SettingRow id="notifications" title={t('notifications-title')} what={t('notifications-what')}>
        <Switch
          aria-label={t('notifications-title')}
          checked={state.preferences.notifications}
          onChange={(event) => shell.prefer({ notifications: event.currentTarget.checked })}
        />
      </SettingRow>
      {!state.tray && (
        <SettingRow id="tray" title={t('tray-title')} what={t('tray-what')}>
          <NoTray />
        </SettingRow>
      )}
    </Section>
  );
}
