import { formatPlace, type Section, sectionOf, sections } from '../place/place.ts';
import { usePlace } from '../place/use-place.ts';
import { Icon } from '../parts/icons.tsx';
import { useWords } from '../words/words.ts';
import styles from './shell.module.css';

/** The one column of navigation. */
export function Navigation() {
  const t = useWords('shell');
  const here = sectionOf(usePlace());
  return (
    <nav className={styles.navigation} aria-label={t('navigation')}>
      <ul>
        {sections.map((section: Section, index) => (
          <li key={section}>
            <a
              href={formatPlace({ page: section })}
              className={styles.entry}
              aria-current={section === here ? 'page' : undefined}
              aria-keyshortcuts={String(index + 1)}
            >
              <Icon name={section} />
              <span>{t(`page-${section}`)}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
