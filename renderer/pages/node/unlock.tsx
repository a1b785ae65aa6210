import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Problem } from '../../../preload/contract/problem.ts';
import { useCore } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SecretInput } from '../../parts/secret-input.tsx';
import { go } from '../../place/use-place.ts';
import { useWords } from '../../words/words.ts';
import { questionOf } from '../add/questions.ts';
import styles from './node.module.css';

/** The one thing a person can do here about a problem of a node: type the secret it asks for, or go to where it is answered. */
export function Unlock({
  node,
  problem,
  onDone,
}: {
  readonly node: string;
  readonly problem: Problem;
  readonly onDone: () => void;
}) {
  const t = useWords('node');
  const core = useCore();
  const [secret, setSecret] = useState('');
  const question = questionOf(problem);
  const unlock = useMutation({
    mutationFn: (secrets: Record<string, string>) => core.node.unlock({ name: node, secrets }),
    onSuccess: () => {
      setSecret('');
      onDone();
    },
  });
  if (question?.kind === 'host-key')
    return <Button onClick={() => go({ page: 'add', node })}>{t('confirm-key')}</Button>;
  if (!question && /^(engine|compose)-missing$/.test(problem.code))
    return <Button onClick={() => go({ page: 'add', node })}>{t('set-up')}</Button>;
  if (!question) return problem.retryable ? <Button onClick={onDone}>{t('try-again')}</Button> : null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    unlock.mutate({ [question.secret]: secret });
  };
  return (
    <form className={styles.unlock} onSubmit={submit}>
      <SecretInput
        label={t(`secret-${question.secret}`)}
        description={t('secret-kept')}
        value={secret}
        onChange={setSecret}
      />
      <Button type="submit" variant="filled" disabled={secret === ''} loading={unlock.isPending}>
        {t('give-secret')}
      </Button>
      {unlock.isError && <ProblemCard problem={problemOf(unlock.error)} />}
    </form>
  );
}
