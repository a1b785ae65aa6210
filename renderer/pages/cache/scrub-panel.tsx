import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useCore } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import styles from './prune.module.css';
import { type ScrubFound, scrubFound } from './scrub-outcome.ts';

/** Looks for damaged files on the node, and removes them where there are any, so that they are fetched again. */
export function ScrubPanel({ node, running }: { readonly node: string; readonly running: boolean }) {
  const t = useWords('cache');
  const core = useCore();
  const [asking, setAsking] = useState(false);
  const scrub = useMutation({ mutationFn: (repair: boolean) => core.cache.scrub({ node, repair }) });
  const failed = scrub.error ? problemOf(scrub.error) : scrub.data?.problem;
  const found = scrub.data && scrubFound(scrub.data);
  const damaged = found && !scrub.variables ? found.damaged : undefined;
  return (
    <Section
      title={t('scrub')}
      actions={
        <>
          {damaged !== undefined && damaged > 0 && (
            <Button color="red" variant="filled" onClick={() => setAsking(true)}>
              {t('scrub-repair', { count: damaged })}
            </Button>
          )}
          <Button loading={scrub.isPending} disabled={running} onClick={() => scrub.mutate(false)}>
            {t('scrub-look')}
          </Button>
        </>
      }
    >
      <p className={styles.words}>{t('scrub-what')}</p>
      {failed && <ProblemCard problem={failed} />}
      {found && <ScrubEnd found={found} repaired={scrub.variables === true} />}
      <Confirm
        opened={asking}
        title={t('scrub-repair-title', { node })}
        verb={t('scrub-repair', { count: damaged ?? 0 })}
        danger
        onConfirm={() => {
          setAsking(false);
          scrub.mutate(true);
        }}
        onClose={() => setAsking(false)}
      >
        <p>{t('scrub-repair-means')}</p>
      </Confirm>
    </Section>
  );
}

function ScrubEnd({ found, repaired }: { readonly found: ScrubFound; readonly repaired: boolean }) {
  const t = useWords('cache');
  const { count } = useFigures();
  const { damaged, unreadable, images } = found;
  return (
    <div role="status" className={styles.words}>
      {damaged === 0 && unreadable === 0 && t('scrub-clean')}
      {damaged > 0 && t(repaired ? 'scrub-repaired' : 'scrub-damaged', { count: damaged, number: count(damaged) })}{' '}
      {unreadable > 0 && t('scrub-unreadable', { count: unreadable, number: count(unreadable) })}{' '}
      {images !== undefined && t('scrub-images', { images })}
    </div>
  );
}
