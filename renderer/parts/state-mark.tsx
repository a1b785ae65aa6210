import { memo } from 'react';
import type { MirrorState } from '../../preload/contract/status.ts';
import { useWords } from '../words/words.ts';
import styles from './state-mark.module.css';

/** One shape for each state, so that colour is never alone: ● up, ▲ slow, ◐ degraded, ✕ down, ○ unknown. */
const shapes: Readonly<Record<MirrorState, React.ReactNode>> = {
  up: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  slow: <path d="M6 1 L11.5 11 L0.5 11 Z" fill="currentColor" />,
  degraded: (
    <>
      <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.4" />
      <path d="M6 1.5 A4.5 4.5 0 0 0 6 10.5 Z" fill="currentColor" />
    </>
  ),
  down: <path d="M2 2 L10 10 M10 2 L2 10" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" />,
  unknown: <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.4" />,
};

/** The state as shape and word. `bare` shows the shape alone and leaves the word to those who do not see it; `stale` takes the colour away. */
export const StateMark = memo(function StateMark({
  state,
  bare,
  stale,
  word,
}: {
  readonly state: MirrorState;
  readonly bare?: boolean;
  readonly stale?: boolean;
  readonly word?: string;
}) {
  const t = useWords('shell');
  const said = word ?? t(`state-${state}`);
  const shown = stale ? 'unknown' : state;
  // A table draws hundreds of these, so it is one element.
  if (bare)
    return (
      <svg viewBox="0 0 12 12" className={styles.shape} data-state={shown} role="img" aria-label={said}>
        {shapes[state]}
      </svg>
    );
  return (
    <span className={styles.mark} data-state={shown}>
      <svg viewBox="0 0 12 12" className={styles.shape} aria-hidden="true">
        {shapes[state]}
      </svg>
      <span>{said}</span>
    </span>
  );
});
