import { createContext, type ReactNode, useContext } from 'react';
import { PlaceLink } from '../../parts/place-link.tsx';
import { useWords } from '../../words/words.ts';
import styles from './settings-page.module.css';

/** The settings that the search leaves. */
export const FoundSettings = createContext<ReadonlySet<string>>(new Set());

export function useFound(...ids: readonly string[]): boolean {
  const found = useContext(FoundSettings);
  return ids.some((id) => found.has(id));
}

/** One setting: what it is, what it does, and its control. Gone while the search looks for something else. */
export function SettingRow({
  id,
  title,
  what,
  saved,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly what: ReactNode;
  readonly saved?: boolean;
  readonly children: ReactNode;
}) {
  const t = useWords('settings');
  if (!useFound(id)) return null;
  return (
    <div className={styles.row} role="group" aria-label={title}>
      <div className={styles.about}>
        <div className={styles.title}>{title}</div>
        <div className={styles.what}>{what}</div>
      </div>
      <div className={styles.control}>
        {children}
        <div className={styles.saved} role="status">
          {saved === true && (
            <>
              {t('saved')} <PlaceLink to={{ page: 'activity', subject: 'settings' }}>{t('saved-undo')}</PlaceLink>
            </>
          )}
        </div>
      </div>
    </div>
  );
}
