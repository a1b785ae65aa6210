import { Button, Checkbox } from '@mantine/core';
import type { PreflightCheck } from '../../../preload/contract/node.ts';
import type { MirrorState } from '../../../preload/contract/status.ts';
import { Icon } from '../../parts/icons.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { useSay } from '../../words/use-say.ts';
import { useWords } from '../../words/words.ts';
import styles from './add.module.css';
import { Part } from './part.tsx';
import { blockingChecks, canInstall } from './progress.ts';
import { questionOf } from './questions.ts';
import type { Adding } from './use-adding.ts';

const marks: Readonly<Record<PreflightCheck['state'], MirrorState>> = { ok: 'up', warning: 'slow', failed: 'down' };
/** What every machine is asked, in the order of the answer; each upstream is one more. */
const asked = [
  'system',
  'rights',
  'memory',
  'disk',
  'inodes',
  'engine',
  'compose',
  'port',
  'clock',
  'selinux',
] as const;

/** What the machine is and has. Each check that will not do says what to do; all are looked at again on request and on coming back to the page. */
export function ChecksPart({ adding, working }: { readonly adding: Adding; readonly working: boolean }) {
  const t = useWords('add');
  const { known, problems } = adding;
  const { draft, preflight } = known;
  const blocking = blockingChecks(preflight, draft.installEngine);
  const problem = problems.checks && questionOf(problems.checks) === undefined ? problems.checks : undefined;
  return (
    <Part
      title={t('checks')}
      arrives
      actions={
        <Button
          leftSection={<Icon name="refresh" size={14} />}
          loading={working}
          disabled={known.asking !== 'nothing' || known.task?.state === 'running'}
          onClick={adding.checkAgain}
        >
          {t('check-again')}
        </Button>
      }
    >
      {problem && <ProblemCard problem={problem} />}
      <ul className={styles.checks} aria-busy={working} aria-live="polite">
        {preflight
          ? preflight.checks.map((check) => <Check key={check.id} check={check} />)
          : working &&
            [...asked, ...draft.upstreams.map((name) => `upstream:${name}`)].map((id) => <Waiting key={id} id={id} />)}
      </ul>
      {canInstall(preflight) && (
        <Checkbox
          checked={draft.installEngine}
          label={t('install-engine')}
          description={t('install-engine-what')}
          onChange={({ currentTarget: { checked } }) => adding.change({ ...draft, installEngine: checked })}
        />
      )}
      {preflight && (
        <p className={styles.dim}>
          {blocking.length === 0 ? t('checks-clear') : t('checks-blocking', { count: blocking.length })}
        </p>
      )}
    </Part>
  );
}

function useCheckName(): (id: string, label: string) => string {
  const t = useWords('add');
  return (id, label) => {
    const known = asked.find((each) => each === id);
    // Upstreams are called what they are; a check that this page does not know says its own name.
    return known ? t(`check-${known}`) : id.startsWith('upstream:') ? id.slice('upstream:'.length) : label;
  };
}

function Check({ check }: { readonly check: PreflightCheck }) {
  const t = useWords('add');
  const say = useSay();
  const name = useCheckName();
  return (
    <li className={styles.check}>
      <StateMark state={marks[check.state]} word={t(`check-state-${check.state}`)} />
      <span>{name(check.id, check.label)}</span>
      <span className={styles.found}>{check.saying ? say(check.saying) : check.found}</span>
      {check.problem && <ProblemCard problem={check.problem} mild={check.state === 'warning'} />}
    </li>
  );
}

function Waiting({ id }: { readonly id: string }) {
  const t = useWords('add');
  const name = useCheckName();
  return (
    <li className={`${styles.check} ${styles.waiting}`}>
      <StateMark state="unknown" word={t('check-state-waiting')} />
      <span>{name(id, id)}</span>
      <span />
    </li>
  );
}
