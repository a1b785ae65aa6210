import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatPlace, type Place } from '../place/place.ts';

/** A link to a place of these pages: a real one, so that it can be opened in another tab. */
export function PlaceLink({
  to,
  children,
  plain,
}: {
  readonly to: Place;
  readonly children: ReactNode;
  readonly plain?: boolean;
}) {
  return (
    <Anchor href={formatPlace(to)} inherit {...(plain && { c: 'inherit', underline: 'hover' as const })}>
      {children}
    </Anchor>
  );
}
