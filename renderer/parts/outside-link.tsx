import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import type { OutsideAddress } from '../../preload/contract/linked-places.ts';
import { useDoor } from '../door/door-context.tsx';

/** A link to a page of somebody else, opened in the system's browser. */
export function OutsideLink({ to, children }: { readonly to: OutsideAddress; readonly children: ReactNode }) {
  const { openLink } = useDoor();
  return (
    <Anchor
      href={to}
      target="_blank"
      rel="noreferrer"
      inherit
      underline="always"
      {...(openLink && {
        onClick: (event) => {
          event.preventDefault();
          openLink(to);
        },
      })}
    >
      {children}
    </Anchor>
  );
}
