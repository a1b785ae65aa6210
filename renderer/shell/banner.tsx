import type { ReactNode } from 'react';
import styles from './shell.module.css';

/** A line above every page, with what can be done at its end. `calm`: something to know, nothing to worry about. */
export function Banner({
  calm,
  actions,
  children,
}: {
  readonly calm?: boolean;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <div className={styles.banner} data-calm={calm || undefined} role={calm ? 'status' : 'alert'}>
      <div className={styles.bannerWords}>{children}</div>
      {actions !== undefined && <div className={styles.bannerActions}>{actions}</div>}
    </div>
  );
}
