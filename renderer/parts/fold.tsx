import { type ReactNode, useState } from 'react';
import styles from './fold.module.css';
import { Icon } from './icons.tsx';

/** Something folded below its heading; what is inside is made only when it was opened once. */
export function Fold({
  title,
  children,
  open: atFirst = false,
}: {
  readonly title: ReactNode;
  readonly children: ReactNode;
  readonly open?: boolean;
}) {
  const [open, setOpen] = useState(atFirst);
  const [seen, setSeen] = useState(atFirst);
  return (
    <details
      className={styles.fold}
      open={open}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
        if (event.currentTarget.open) setSeen(true);
      }}
    >
      <summary className={styles.title}>
        <span className={styles.arrow} data-open={open || undefined}>
          <Icon name="chevron" size={12} />
        </span>
        {title}
      </summary>
      {seen && <div className={styles.inside}>{children}</div>}
    </details>
  );
}
