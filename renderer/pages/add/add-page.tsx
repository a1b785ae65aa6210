import { Button } from '@mantine/core';
import { Page } from '../../parts/page.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { usePlace } from '../../place/use-place.ts';
import { useWords } from '../../words/words.ts';
import styles from './add.module.css';
import { ApplyPart, FinishedPart } from './apply-part.tsx';
import { ChecksPart } from './checks-part.tsx';
import { HostPart } from './host-part.tsx';
import { PlanPart } from './plan-part.tsx';
import { nextStep, partStates } from './progress.ts';
import { QuestionPart } from './question-part.tsx';
import { ServePart } from './serve-part.tsx';
import { useAdding } from './use-adding.ts';

/** A server becomes a node, on one page that fills from top to bottom; leaving it and coming back keeps all of it but secrets. */
export function AddPage() {
  const t = useWords('add');
  const shell = useWords('shell');
  const place = usePlace();
  const adding = useAdding(place.page === 'add' ? place.node : undefined);
  const { known } = adding;
  const states = partStates(known);
  const finished = nextStep(known) === 'finished';
  const begun = known.draft.destination !== '' && known.task?.state !== 'running' && !finished;
  return (
    <Page
      title={known.draft.added ? t('title-of', { name: known.draft.name }) : t('title')}
      above={<PlaceLink to={{ page: 'fleet' }}>{shell('page-fleet')}</PlaceLink>}
      actions={begun && <Button onClick={adding.startOver}>{t('start-over')}</Button>}
    >
      {adding.resumeProblem && <ProblemCard problem={adding.resumeProblem} />}
      {adding.ready ? (
        <div className={styles.page}>
          {known.draft.added === undefined && <p className={styles.intro}>{t('intro')}</p>}
          <HostPart adding={adding} />
          {known.question && <QuestionPart adding={adding} question={known.question} />}
          {states.checks !== 'hidden' && <ChecksPart adding={adding} working={states.checks === 'working'} />}
          {states.serve !== 'hidden' && !finished && <ServePart adding={adding} />}
          {known.plan && states.plan !== 'hidden' && states.apply !== 'working' && !finished && (
            <PlanPart adding={adding} plan={known.plan} />
          )}
          {known.task && states.apply !== 'hidden' && !(known.plan && states.apply === 'open') && (
            <ApplyPart adding={adding} task={known.task} />
          )}
          {finished && <FinishedPart adding={adding} />}
        </div>
      ) : (
        !adding.resumeProblem && <SkeletonRows rows={6} />
      )}
    </Page>
  );
}
