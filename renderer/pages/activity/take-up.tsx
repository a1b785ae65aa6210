import { useState } from 'react';
import type { ActivityEntry } from '../../../preload/contract/activity.ts';
import { problemOf } from '../../core/problems.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Diff } from '../../parts/diff.tsx';
import { Fold } from '../../parts/fold.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SecretInput } from '../../parts/secret-input.tsx';
import { useWords } from '../../words/words.ts';
import { mayNeedPassword } from './activity-line.ts';
import { useTakeUp } from './activity-queries.ts';
import styles from './entry-row.module.css';

const passwordProblems: ReadonlySet<string> = new Set(['sudo-password-needed', 'sudo-password-wrong']);

/**
 * Asks before an entry is taken back or gone on with, and shows the files it is about. A sudo password is asked for when the core says that
 * it needs one; it is used once and kept nowhere.
 */
export function TakeUp({
  entry,
  title,
  how,
  onClose,
}: {
  readonly entry: ActivityEntry;
  readonly title: string;
  readonly how: 'undo' | 'resume';
  readonly onClose: () => void;
}) {
  const t = useWords('activity');
  const [password, setPassword] = useState('');
  const take = useTakeUp(how);
  const problem = take.error ? problemOf(take.error) : take.data?.problem;
  const wantsPassword = problem !== undefined && passwordProblems.has(problem.code) && mayNeedPassword(entry);

  function go(): void {
    take.mutate(
      { id: entry.id, sudoPassword: password },
      {
        onSuccess: (task) => {
          if (task.state === 'done') onClose();
        },
      },
    );
  }

  return (
    <Confirm
      opened
      title={t(how === 'undo' ? 'undo-title' : 'resume-title', { title })}
      verb={t(how === 'undo' ? 'undo-do' : 'resume-do', { title })}
      busy={take.isPending}
      disabled={wantsPassword && password === ''}
      wide={entry.changes.length > 0}
      onConfirm={go}
      onClose={onClose}
    >
      <p>{t(how === 'undo' ? 'undo-means' : 'resume-means')}</p>
      {how === 'undo' &&
        entry.changes.map((change) => (
          <Fold
            key={change.path}
            title={<span className={styles.path}>{change.path}</span>}
            open={entry.changes.length === 1}
          >
            <p>{t(`undo-${change.action}`)}</p>
            <Diff diff={change.diff} label={change.path} />
          </Fold>
        ))}
      {problem && <ProblemCard problem={problem} />}
      {wantsPassword && (
        <SecretInput
          label={t('sudo-password')}
          description={t('sudo-password-once')}
          value={password}
          onChange={setPassword}
          autoFocus
        />
      )}
    </Confirm>
  );
}
