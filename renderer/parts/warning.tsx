import type { ReactNode } from 'react';
import { Icon } from './icons.tsx';
import styles from './warning.module.css';

/** A sentence beside a setting that its reader should know of before going on. */
export function Warning({ children }: { readonly children: ReactNode }) {
  return (
    <p className={styles.warning}>
      <Icon name="warning" size={14} />
      <span>{children}</span>
    </p>
  );
}
