import { type ReactNode, useEffect, useRef } from 'react';
import { SectionHead } from '../../parts/page.tsx';
import styles from './add.module.css';

/**
 * One part of the page. `arrives` is for what appears because of something the person did: it takes the focus, so that a keyboard and a
 * reader's voice are where the next thing is to be done.
 */
export function Part({
  title,
  actions,
  arrives,
  children,
}: {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly arrives?: boolean;
  readonly children: ReactNode;
}) {
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!arrives) return;
    const field = section.current?.querySelector<HTMLElement>('[data-autofocus]');
    (field ?? section.current)?.focus({ preventScroll: true });
    section.current?.scrollIntoView({ block: 'nearest' });
  }, [arrives]);
  return (
    <section ref={section} className={styles.part} tabIndex={-1} aria-label={title}>
      <SectionHead title={title}>{actions}</SectionHead>
      {children}
    </section>
  );
}
