import { Tooltip } from '@mantine/core';
import { type ReactNode, type RefObject, use, useEffect, useId, useRef, useState } from 'react';
import type { MirrorState } from '../../preload/contract/status.ts';
import { CellPlace } from './cell-place.ts';
import styles from './hint.module.css';

/** How long a pointer rests on it before it is a question: a table that is scrolled passes under the pointer row by row. */
const restMs = 150;

/** The page has one pointer, and this waits until it rests. */
let resting: ReturnType<typeof setTimeout> | undefined;

/**
 * Something with an explanation: on hover, on focus by the Tab key, and in a table when the arrow keys reach its cell; Escape puts it away.
 * The explanation and all that it needs is made only when someone asks for it, so that a table may hold hundreds.
 */
export function Hint({
  hint,
  children,
  className = styles.target,
  state,
}: {
  readonly hint: () => ReactNode;
  readonly children: ReactNode;
  /** How its content stands, instead of in a row. */
  readonly className?: string | undefined;
  /** The state of what is explained, for its style. */
  readonly state?: MirrorState;
}) {
  const place = use(CellPlace);
  const [asked, setAsked] = useState(false);
  const target = useRef<HTMLSpanElement>(null);
  const id = useId();
  const shown = asked || place === 'reached';
  const leave = (): void => {
    clearTimeout(resting);
    setAsked(false);
  };
  return (
    <span
      ref={target}
      className={className}
      data-state={state}
      // A stop of the Tab key only where no table has one for it.
      {...(place === undefined && { tabIndex: 0, role: 'note', 'aria-describedby': shown ? id : undefined })}
      onPointerEnter={() => {
        clearTimeout(resting);
        resting = setTimeout(() => setAsked(true), restMs);
      }}
      onPointerLeave={leave}
      onFocus={() => setAsked(true)}
      onBlur={leave}
    >
      {children}
      {shown && <Shown id={id} hint={hint} target={target} read={place === 'reached'} />}
    </span>
  );
}

/** The explanation while it is asked for. `read`: it belongs to what is read of a cell. */
function Shown({
  id,
  hint,
  target,
  read,
}: {
  readonly id: string;
  readonly hint: () => ReactNode;
  readonly target: RefObject<HTMLElement | null>;
  readonly read: boolean;
}) {
  const [away, setAway] = useState(false);
  useEffect(() => {
    const close = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') setAway(true);
    };
    window.addEventListener('keydown', close);
    return () => window.removeEventListener('keydown', close);
  }, []);
  if (away) return null;
  return (
    <>
      <Tooltip
        target={target}
        opened
        openDelay={0}
        label={
          <span id={id} className={styles.words}>
            {hint()}
          </span>
        }
      />
      {read && <span className="mf-unseen">{hint()}</span>}
    </>
  );
}
