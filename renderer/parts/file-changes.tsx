import { type ReactNode, useState } from 'react';
import { useWords } from '../words/words.ts';
import { Choice } from './choice.tsx';
import { Diff } from './diff.tsx';
import { Fold } from './fold.tsx';
import styles from './file-changes.module.css';

/** A text file that will change. `title` says what happens to which; `note` stands where there is nothing to compare. */
export interface ShownChange {
  readonly key: string;
  readonly title: ReactNode;
  readonly label: string;
  readonly diff: string | undefined;
  readonly note?: string | undefined;
  /** Shown at once; what nobody reads (a certificate) is folded. */
  readonly open: boolean;
}

/** Everything that will be written, each with its diff; all of them in one column or side by side, as the reader chooses. */
export function FileChanges({ changes, label }: { readonly changes: readonly ShownChange[]; readonly label: string }) {
  const t = useWords('shell');
  const [beside, setBeside] = useState(false);
  return (
    <div className={styles.changes}>
      {changes.some(({ diff }) => diff) && (
        <Choice
          className={styles.choice}
          label={t('diff-view')}
          value={beside ? 'beside' : 'one'}
          onChoose={(value) => setBeside(value === 'beside')}
          options={[
            ['one', t('diff-one-column')],
            ['beside', t('diff-beside')],
          ]}
        />
      )}
      <ul className={styles.list} aria-label={label}>
        {changes.map((change) => (
          <li key={change.key}>
            {change.diff ? (
              <Fold title={change.title} open={change.open}>
                <Diff diff={change.diff} label={change.label} beside={beside} />
              </Fold>
            ) : (
              <p className={styles.plain}>
                {change.title} {change.note !== undefined && <span className={styles.note}>{change.note}</span>}
              </p>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
