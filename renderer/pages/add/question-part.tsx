import { Button } from '@mantine/core';
import type { FormEvent } from 'react';
import { CopyText } from '../../parts/copy-text.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SecretInput } from '../../parts/secret-input.tsx';
import { useWords } from '../../words/words.ts';
import styles from './add.module.css';
import { Part } from './part.tsx';
import { fingerprintCommand, type Question } from './questions.ts';
import type { Adding } from './use-adding.ts';

/** What the server wants to have answered: whether it is the right one, or a secret. */
export function QuestionPart({ adding, question }: { readonly adding: Adding; readonly question: Question }) {
  return question.kind === 'host-key' ? (
    <HostKeyPart key={question.key.fingerprint} adding={adding} question={question} />
  ) : (
    <SecretPart key={question.secret} adding={adding} question={question} />
  );
}

/** The key of a server that was never seen: its fingerprint, how the server itself shows it, and the word that they are the same. */
function HostKeyPart({
  adding,
  question,
}: {
  readonly adding: Adding;
  readonly question: Question & { kind: 'host-key' };
}) {
  const t = useWords('add');
  const { host, type, fingerprint } = question.key;
  return (
    <Part title={t('right-server')} arrives>
      <p>{question.differs ? t('key-differs', { host }) : t('key-first-time', { host, type })}</p>
      <div className={styles.fingerprint}>{fingerprint}</div>
      <p>{t('compare-how')}</p>
      <CopyText text={fingerprintCommand(type)} />
      <div className={styles.buttons}>
        <Button variant="filled" loading={adding.known.asking === 'add'} onClick={() => adding.trust(question)}>
          {t('trust-key')}
        </Button>
        <span className={styles.dim}>{t('trust-key-kept')}</span>
      </div>
    </Part>
  );
}

function SecretPart({
  adding,
  question,
}: {
  readonly adding: Adding;
  readonly question: Question & { kind: 'secret' };
}) {
  const t = useWords('add');
  const { known, secret, setSecret, problems } = adding;
  const busy = known.asking === 'add' || known.asking === 'check';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (secret !== '' && !busy) adding.answer(question);
  };
  return (
    <Part title={t(`asks-${question.secret}`)} arrives>
      <p>{t(`why-${question.secret}`, { host: known.draft.destination, file: question.file ?? '' })}</p>
      <form onSubmit={submit} className={styles.form}>
        <SecretInput
          label={t(`label-${question.secret}`)}
          description={t('secret-kept')}
          value={secret}
          onChange={setSecret}
          error={question.wrong && secret === '' && !busy ? t('secret-wrong') : undefined}
          autoFocus
        />
        <Button type="submit" variant="filled" loading={busy} disabled={secret === ''}>
          {question.secret === 'sudoPassword' ? t('check-with-it') : t('log-in-with-it')}
        </Button>
      </form>
      {problems.unlock && <ProblemCard problem={problems.unlock} />}
    </Part>
  );
}
