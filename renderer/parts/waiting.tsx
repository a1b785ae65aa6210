import { Skeleton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useWords } from '../words/words.ts';

/** Rows in the shape of what will come. Nothing is drawn in the first 300 ms: what comes sooner needs no announcement. */
export function SkeletonRows({ rows = 5, height = 34 }: { readonly rows?: number; readonly height?: number }) {
  const t = useWords('shell');
  const shown = useLater(300);
  return (
    <div aria-busy="true" role="status" aria-label={t('loading')} style={{ minHeight: `${(rows * height) / 16}rem` }}>
      {shown &&
        Array.from({ length: rows }, (_, row) => (
          // Rows without content have no better name than their place.
          <div
            key={`row-${String(row)}`}
            style={{ height: `${height / 16}rem`, display: 'flex', alignItems: 'center' }}
          >
            <Skeleton height="0.75rem" radius="sm" width={`${String(92 - ((row * 17) % 40))}%`} />
          </div>
        ))}
    </div>
  );
}

function useLater(ms: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return late;
}
