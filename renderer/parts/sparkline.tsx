import { memo, useMemo } from 'react';
import styles from './sparkline.module.css';
import { sparkBox, sparkPath } from './sparkline-path.ts';

/** The last values as a small line, oldest first; null is a failure and stands as a red tick. `label` says the same in words. */
export const Sparkline = memo(function Sparkline({
  values,
  label,
  stale,
}: {
  readonly values: readonly (number | null)[];
  readonly label: string;
  readonly stale?: boolean;
}) {
  const { line, failed } = useMemo(() => sparkPath(values), [values]);
  const { width, height } = sparkBox;
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      className={styles.spark}
      data-stale={stale || undefined}
      role="img"
      aria-label={label}
      preserveAspectRatio="none"
    >
      <path d={line} className={styles.line} />
      {failed.length > 0 && (
        <path d={failed.map((x) => `M${x} ${height - 5}V${height - 1}`).join('')} className={styles.failed} />
      )}
    </svg>
  );
});
