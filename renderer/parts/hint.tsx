import { Tooltip } from '@mantine/core';
import { type ReactNode, use, useEffect, useId, useRef, useState } from 'react';
import { CellPlace } from './cell-place.ts';
import styles from './hint.module.css';

/** How long a pointer rests on it before it is a question: a table that is scrolled passes under the pointer row by row. */
const restMs = 150;

/**
 * Something with an explanation: on hover, on focus by the Tab key, and in a table when the arrow keys reach its cell; Escape puts it away.
 * The explanation is made only when someone asks for it, so that a table may hold hundreds.
 */
export function Hint({ hint, children }: { readonly hint: () => ReactNode; readonly children: ReactNode }) {
  const target = useRef<HTMLSpanElement>(null);
  const id = useId();
  const place = use(CellPlace);
  const [asked, setAsked] = useState(false);
  const [away, setAway] = useState(false);
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const reached = place === 'reached';
  if (away && !reached && !asked) setAway(false);
  const shown = (asked || reached) && !away;
  useEffect(() => {
    if (!shown) return undefined;
    const close = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') setAway(true);
    };
    window.addEventListener('keydown', close);
    return () => window.removeEventListener('keydown', close);
  }, [shown]);
  useEffect(() => () => clearTimeout(resting.current), []);
  const leave = (): void => {
    clearTimeout(resting.current);
    setAsked(false);
  };
  return (
    <span
      ref={target}
      className={styles.target}
      // A stop of the Tab key only where no table has one for it.
      {...(place === undefined && { tabIndex: 0, role: 'note', 'aria-describedby': shown ? id : undefined })}
      onPointerEnter={() => {
        resting.current = setTimeout(() => setAsked(true), restMs);
      }}
      onPointerLeave={leave}
      onFocus={() => setAsked(true)}
      onBlur={leave}
    >
      {children}
      {shown && (
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
      )}
      {/* The content of a reached cell is what is read of it. */}
      {shown && reached && <span className="mf-unseen">{hint()}</span>}
    </span>
  );
}
