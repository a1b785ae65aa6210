import { lazy, Suspense } from 'react';
import { useWords } from '../words/words.ts';
import styles from './diff.module.css';
import { diffLines } from './diff-lines.ts';

const DiffEditor = lazy(async () => ({ default: (await import('./diff-editor.tsx')).DiffEditor }));

/**
 * A unified diff as the core gives it. By default one column with what goes in red and what comes in green; `beside` shows before and after
 * side by side. Both can be read and scrolled by keyboard; while the viewer loads, and where it cannot be, the plain lines stand.
 */
export function Diff({
  diff,
  label,
  beside,
}: {
  readonly diff: string;
  readonly label: string;
  readonly beside?: boolean;
}) {
  const t = useWords('shell');
  if (diff.trim() === '') return <p className={styles.none}>{t('diff-empty')}</p>;
  if (!beside) return <PlainDiff diff={diff} label={label} />;
  return (
    <Suspense fallback={<PlainDiff diff={diff} label={label} />}>
      <DiffEditor diff={diff} label={label} />
    </Suspense>
  );
}

function PlainDiff({ diff, label }: { readonly diff: string; readonly label: string }) {
  const t = useWords('shell');
  return (
    // Scrolls by itself, so it must be reachable by the Tab key.
    <div role="group" className={styles.plain} aria-label={label} tabIndex={0}>
      <ol className={styles.lines}>
        {diffLines(diff).map((line) => (
          <li key={line.key} className={styles.line} data-kind={line.kind}>
            <span className={styles.sign} aria-hidden="true">
              {line.kind === 'added' ? '+' : line.kind === 'removed' ? '−' : ' '}
            </span>
            {line.kind === 'added' && <span className="mf-unseen">{t('diff-added')}</span>}
            {line.kind === 'removed' && <span className="mf-unseen">{t('diff-removed')}</span>}
            <code>{line.text === '' ? ' ' : line.text}</code>
          </li>
        ))}
      </ol>
    </div>
  );
}
