import { Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import styles from './page.module.css';

/**
 * The frame of a page: its title with what can be done at the right, and its body. `fill` gives the body the rest of the height (tables that
 * scroll in themselves). `above` is the way back on pages below another.
 */
export function Page({
  title,
  above,
  beside,
  actions,
  fill,
  children,
}: {
  readonly title: string;
  readonly above?: ReactNode;
  readonly beside?: ReactNode;
  readonly actions?: ReactNode;
  readonly fill?: boolean;
  readonly children?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Mirrorfleet`;
  }, [title]);
  return (
    <div className={styles.page} data-fill={fill || undefined}>
      <header className={styles.head}>
        <div className={styles.titles}>
          {above}
          <Title order={1}>{title}</Title>
          {beside}
        </div>
        <div className={styles.actions}>{actions}</div>
      </header>
      <div className={styles.body}>{children}</div>
    </div>
  );
}

/** A part of a page with its own heading. */
export function Section({
  title,
  actions,
  children,
}: {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className={styles.section}>
      <SectionHead title={title}>{actions}</SectionHead>
      {children}
    </section>
  );
}

/** The heading of a part, with what can be done at the right. */
export function SectionHead({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <header className={styles.sectionHead}>
      <Title order={2}>{title}</Title>
      <div className={styles.actions}>{children}</div>
    </header>
  );
}
