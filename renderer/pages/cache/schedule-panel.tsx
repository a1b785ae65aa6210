import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schedule, ScheduleView } from '../../../preload/contract/cache.ts';
import { useCore } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { Age } from '../../parts/age.tsx';
import { Copy, CopyText } from '../../parts/copy-text.tsx';
import { Fold } from '../../parts/fold.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { useSchedule } from './cache-queries.ts';
import { sameSchedule, type ScheduleErrors, scheduleForm, scheduleOf } from './schedule-form.ts';
import styles from './schedule-panel.module.css';

/** What the node prunes by itself, every day, without this computer: shown as it is on the node, changed there, taken off. */
export function SchedulePanel({ node }: { readonly node: string }) {
  const t = useWords('cache');
  const schedule = useSchedule(node);
  const core = useCore();
  const [editing, setEditing] = useState(false);
  const save = useMutation({
    mutationFn: (next: Schedule | undefined) => core.cache.setSchedule({ node, ...(next && { schedule: next }) }),
    onSuccess: (task) => {
      if (task.state === 'done') setEditing(false);
    },
  });
  const found = schedule.data;
  const failed = save.error ? problemOf(save.error) : save.data?.problem;
  return (
    <Section
      title={t('schedule')}
      actions={
        found &&
        !editing && (
          <>
            {found.schedule && (
              <Button loading={save.isPending} onClick={() => save.mutate(undefined)}>
                {t('schedule-remove', { node })}
              </Button>
            )}
            <Button onClick={() => setEditing(true)}>
              {found.schedule ? t('schedule-change') : t('schedule-add')}
            </Button>
          </>
        )
      }
    >
      {schedule.isPending && <SkeletonRows rows={2} />}
      {schedule.error && <ProblemCard problem={problemOf(schedule.error)} mild />}
      {failed && <ProblemCard problem={failed} />}
      {found && !editing && <ScheduleFound found={found} />}
      {found && editing && (
        <ScheduleFields
          node={node}
          schedule={found.schedule}
          saving={save.isPending}
          onSave={(next) => save.mutate(next)}
          onLeave={() => setEditing(false)}
        />
      )}
    </Section>
  );
}

function ScheduleFound({ found }: { readonly found: ScheduleView }) {
  const t = useWords('cache');
  const { bytes, count } = useFigures();
  const { schedule, lastRun, script } = found;
  if (!schedule) return <p className={styles.none}>{t('schedule-none')}</p>;
  return (
    <>
      <p className={styles.rules}>{t('schedule-daily', { at: schedule.at })}</p>
      <ul className={styles.list}>
        {schedule.unusedDays !== undefined && <li>{t('schedule-unused', { count: schedule.unusedDays })}</li>}
        {schedule.keepBytes !== undefined && <li>{t('schedule-keep', { size: bytes(schedule.keepBytes) })}</li>}
        {schedule.freePercent !== undefined && <li>{t('schedule-free', { percent: schedule.freePercent })}</li>}
      </ul>
      <p className={styles.none}>
        {found.by && t(found.by === 'systemd' ? 'schedule-by-systemd' : 'schedule-by-cron')}{' '}
        {lastRun === undefined ? (
          t('schedule-never-ran')
        ) : (
          <>
            {lastRun.failed
              ? t('schedule-failed')
              : t('schedule-ran', {
                  count: lastRun.images,
                  number: count(lastRun.images),
                  size: bytes(lastRun.freedBytes),
                })}{' '}
            (<Age at={lastRun.at} />)
          </>
        )}
      </p>
      {script !== undefined && (script.includes('\n') ? <Script text={script} /> : <ScriptPlace path={script} />)}
    </>
  );
}

/** Where the script lies on the node, for whoever wants to read it there. */
function ScriptPlace({ path }: { readonly path: string }) {
  const t = useWords('cache');
  return (
    <p className={styles.none}>
      {t('schedule-script-at')} <CopyText text={path} />
    </p>
  );
}

function Script({ text }: { readonly text: string }) {
  const t = useWords('cache');
  return (
    <Fold title={t('schedule-script')}>
      {/* Scrolls by itself, so it must be reachable by the Tab key. */}
      <div className={styles.script}>
        <pre tabIndex={0} aria-label={t('schedule-script')}>
          {text}
        </pre>
        <Copy text={text} />
      </div>
    </Fold>
  );
}

function ScheduleFields({
  node,
  schedule,
  saving,
  onSave,
  onLeave,
}: {
  readonly node: string;
  readonly schedule: Schedule | undefined;
  readonly saving: boolean;
  readonly onSave: (schedule: Schedule) => void;
  readonly onLeave: () => void;
}) {
  const t = useWords('cache');
  const [form, setForm] = useState(() => scheduleForm(schedule));
  const result = scheduleOf(form);
  const errors: ScheduleErrors = 'errors' in result ? result.errors : {};
  const wrong = (field: keyof ScheduleErrors): string | undefined => {
    const error = errors[field];
    return error === undefined ? undefined : t(`error-${error}`);
  };
  const unchanged = 'schedule' in result && sameSchedule(result.schedule, schedule);
  const field = (name: keyof typeof form, label: string, unit?: string) => (
    <TextInput
      label={label}
      value={form[name]}
      onChange={(event) => setForm({ ...form, [name]: event.currentTarget.value })}
      error={wrong(name)}
      {...(unit !== undefined && { rightSection: <span className={styles.unit}>{unit}</span>, rightSectionWidth: 44 })}
    />
  );
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if ('schedule' in result) onSave(result.schedule);
      }}
    >
      <div className={styles.fields}>
        {field('at', t('field-at'))}
        {field('unusedDays', t('field-unused'), t('unit-days'))}
        {field('keepGigabytes', t('field-keep'), 'GB')}
        {field('freePercent', t('field-free'), '%')}
      </div>
      <p className={styles.none}>{t('field-help')}</p>
      {errors.rules && (
        <p role="alert" className={styles.wrong}>
          {t(`error-${errors.rules}`)}
        </p>
      )}
      <div className={styles.buttons}>
        <Button onClick={onLeave}>{t('schedule-leave')}</Button>
        <Button type="submit" variant="filled" loading={saving} disabled={'errors' in result || unchanged}>
          {t('schedule-save', { node })}
        </Button>
      </div>
    </form>
  );
}
