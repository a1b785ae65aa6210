import type { ReactNode } from 'react';
import styles from './banner.module.css';

/**
 * A line above every page, with what can be done at its end. alert: what is shown may not be so, and who listens is told at once. warning:
 * something does not work until somebody does something. calm: something to know.
 */
export function Banner({
  tone,
  actions,
  children,
}: {
  readonly tone: 'alert' | 'warning' | 'calm';
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <div className={styles.banner} data-tone={tone} role={tone === 'alert' ? 'alert' : 'status'}>
      <div className={styles.words}>{children}</div>
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
