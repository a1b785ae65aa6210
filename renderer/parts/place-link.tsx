import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatPlace, type Place } from '../place/place.ts';
import styles from './place-link.module.css';

/** A link to a place of these pages: a real one, so that it can be opened in another tab. `inGrid`: the table has the Tab key and the keys. */
export function PlaceLink({
  to,
  children,
  plain,
  inGrid,
}: {
  readonly to: Place;
  readonly children: ReactNode;
  readonly plain?: boolean;
  readonly inGrid?: boolean;
}) {
  // A table draws many of the plain ones, so they are the browser's own.
  if (plain)
    return (
      <a href={formatPlace(to)} className={styles.plain} {...(inGrid && { tabIndex: -1 })}>
        {children}
      </a>
    );
  return (
    <Anchor href={formatPlace(to)} inherit {...(inGrid && { tabIndex: -1 })}>
      {children}
    </Anchor>
  );
}
