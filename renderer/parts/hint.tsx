import { Tooltip } from '@mantine/core';
import { type ReactNode, useRef, useState } from 'react';
import styles from './hint.module.css';

/**
 * Something with an explanation on hover. The explanation is made only when someone asks for it, so that a table may hold hundreds.
 * It repeats nothing that is needed to understand the page: what must be read stands in the page.
 */
export function Hint({ hint, children }: { readonly hint: () => ReactNode; readonly children: ReactNode }) {
  const target = useRef<HTMLSpanElement>(null);
  const [asked, setAsked] = useState(false);
  return (
    <span
      ref={target}
      className={styles.target}
      onPointerEnter={() => setAsked(true)}
      onPointerLeave={() => setAsked(false)}
    >
      {children}
      {asked && <Tooltip target={target} label={<span className={styles.words}>{hint()}</span>} opened openDelay={0} />}
    </span>
  );
}
