import { Button } from '@mantine/core';
import type { Plan } from '../../../preload/contract/node.ts';
import { FileChanges } from '../../parts/file-changes.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useFigures } from '../../words/use-figures.ts';
import { useSay } from '../../words/use-say.ts';
import { useWords } from '../../words/words.ts';
import styles from './add.module.css';
import { Part } from './part.tsx';
import { type PlanRow, planRow } from './plan-rows.ts';
import type { Adding } from './use-adding.ts';

/** Everything that will be done on the machine, in order, each with its cause and each file with its diff. Then the word to do it. */
export function PlanPart({ adding, plan }: { readonly adding: Adding; readonly plan: Plan }) {
  const t = useWords('add');
  const { known, problems } = adding;
  const cuts = plan.steps.filter(({ interrupts }) => interrupts).length;
  return (
    <Part title={t('plan')} arrives>
      <p className={styles.dim}>{t('plan-what', { count: plan.steps.length, host: known.draft.destination })}</p>
      {plan.warnings.map((warning) => (
        <ProblemCard
          key={warning.code}
          problem={warning}
          mild
          action={
            warning.code === 'node-locked' && (
              <Button onClick={() => adding.apply(true)} disabled={known.asking !== 'nothing'}>
                {t('take-over')}
              </Button>
            )
          }
        />
      ))}
      <FileChanges
        label={t('plan')}
        changes={plan.steps.map((step) => ({
          key: step.id,
          title: <StepTitle row={planRow(step)} />,
          label: step.resource,
          diff: step.diff,
          open: false,
        }))}
      />
      <p>{cuts === 0 ? t('cuts-nothing') : t('cuts-pulls', { count: cuts })}</p>
      {problems.apply && <ProblemCard problem={problems.apply} />}
      <div className={styles.buttons}>
        <Button
          variant="filled"
          loading={known.asking === 'apply'}
          disabled={known.asking !== 'nothing'}
          onClick={() => adding.apply(false)}
        >
          {t('apply', { name: known.draft.name })}
        </Button>
      </div>
    </Part>
  );
}

function StepTitle({ row: { step, kind, what } }: { readonly row: PlanRow }) {
  const t = useWords('add');
  const say = useSay();
  const { bytes } = useFigures();
  return (
    <>
      {t('step-of', {
        action: t(`action-${step.action}`),
        resource: kind ? t(`resource-${kind}`) : ` ${step.resource}`,
      })}{' '}
      {kind && what !== '' && <span className={styles.what}>{what}</span>}{' '}
      <span className={styles.because}>
        {say(step.because)}
        {step.bytes !== undefined && ` · ${bytes(step.bytes)}`}
      </span>
      {step.interrupts && <span className={styles.cuts}> {t('cuts')}</span>}
    </>
  );
}
