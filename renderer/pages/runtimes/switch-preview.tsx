import type { FileChange, SwitchPreview } from '../../../preload/contract/runtime.ts';
import { FileChanges } from '../../parts/file-changes.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useSay } from '../../words/use-say.ts';
import { useWords } from '../../words/words.ts';
import styles from './runtimes.module.css';

/** What a switch of one engine would write, reload and restart. */
export function SwitchPreviewOf({ preview }: { readonly preview: SwitchPreview }) {
  const t = useWords('runtimes');
  const say = useSay();
  if (preview.nothingToDo) return <p className={styles.dim}>{t('already-so')}</p>;
  return (
    <>
      {preview.changes.length > 0 && (
        <FileChanges
          label={t('changes')}
          changes={preview.changes.map((change) => ({
            key: change.path,
            title: (
              <>
                {t(`action-${change.action}`)} <span className={styles.path}>{change.path}</span>
              </>
            ),
            label: change.path,
            diff: change.diff === '' ? undefined : change.diff,
            note: change.because && say(change.because),
            open: isWorthReading(change),
          }))}
        />
      )}
      <ul className={styles.facts}>
        <li>{say(preview.activation)}</li>
        <li>
          {preview.restarts.length === 0 ? t('nothing-restarts') : t('restarts', { what: preview.restarts.join(', ') })}
        </li>
        {preview.needsPrivilege && <li>{t('needs-root')}</li>}
      </ul>
      {preview.warnings.map((warning) => (
        <ProblemCard key={`${warning.code} ${warning.message}`} problem={warning} mild />
      ))}
    </>
  );
}

/** Certificates and keys are base64 that nobody reads; their paths say enough. */
function isWorthReading({ path }: FileChange): boolean {
  return !/\.(crt|cert|key|pem)$/.test(path);
}
