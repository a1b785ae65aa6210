import type { Plan, PlanStep } from '../../preload/contract/node.ts';
import { useSay } from '../words/use-say.ts';
import { useWords } from '../words/words.ts';
import { Diff } from './diff.tsx';
import { Bytes } from './figure.tsx';
import { Fold } from './fold.tsx';
import { Icon } from './icons.tsx';
import styles from './plan-list.module.css';
import { ProblemCard } from './problem-card.tsx';

/** A plan as a list that can be read: what is done to what, why, and for each text file the difference. */
export function PlanList({ plan }: { readonly plan: Plan }) {
  return (
    <>
      {plan.warnings.map((warning) => (
        <ProblemCard key={warning.code} problem={warning} mild />
      ))}
      <ul className={styles.list}>
        {plan.steps.map((step) => (
          <li key={`${step.action} ${step.id}`}>
            {step.diff === undefined ? (
              <div className={styles.plain}>
                <StepLine step={step} />
              </div>
            ) : (
              <Fold title={<StepLine step={step} />}>
                <Diff diff={step.diff} label={step.resource} />
              </Fold>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function StepLine({ step }: { readonly step: PlanStep }) {
  const t = useWords('shell');
  const say = useSay();
  return (
    <span className={styles.line}>
      <span className={styles.action}>{t(`action-${step.action}`)}</span>
      <code className={styles.resource}>{step.resource}</code>
      {step.bytes !== undefined && <Bytes value={step.bytes} />}
      <span className={styles.why}>{say(step.because)}</span>
      {step.interrupts && (
        <span className={styles.interrupts}>
          <Icon name="warning" size={13} /> {t('interrupts')}
        </span>
      )}
    </span>
  );
}
