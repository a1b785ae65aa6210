import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatPlace, type Place } from '../place/place.ts';

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
  return (
    <Anchor
      href={formatPlace(to)}
      inherit
      {...(inGrid && { tabIndex: -1 })}
      {...(plain && { c: 'inherit', underline: 'hover' as const })}
    >
      {children}
    </Anchor>
  );
}
