import { useState } from 'react';
import { keepSettingsSchema, type KeepSettings } from '../../../preload/contract/settings.ts';
import { problemOf } from '../../core/problems.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Section } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';
import { limitsOf } from './number-field.ts';
import { NumberSetting } from './number-setting.tsx';
import { useFound } from './setting-row.tsx';
import { useSave } from './settings-queries.ts';

/** How long measurements and the journal are kept. */
export function KeepSection({ keep }: { readonly keep: KeepSettings }) {
  const t = useWords('settings');
  return useFound('keep-history', 'keep-activity') ? (
    <Section title={t('keep')}>
      <KeepField keep={keep} name="historyDays" id="keep-history" />
      <KeepField keep={keep} name="activityDays" id="keep-activity" />
    </Section>
  ) : null;
}

/** Keeping less forgets what is older, which no undo brings back: asked before. */
function KeepField({
  keep,
  name,
  id,
}: {
  readonly keep: KeepSettings;
  readonly name: keyof KeepSettings;
  readonly id: 'keep-history' | 'keep-activity';
}) {
  const t = useWords('settings');
  const save = useSave<KeepSettings>((settings, next) => settings.setKeep(next));
  const [asked, setAsked] = useState<number>();
  return (
    <>
      <NumberSetting
        id={id}
        title={t(`${id}-title`)}
        what={t(`${id}-what`)}
        unit={t('days')}
        value={keep[name]}
        limits={limitsOf(keepSettingsSchema.shape[name])}
        saving={save.isPending}
        saved={save.isSuccess}
        problem={save.error ? problemOf(save.error) : undefined}
        onSave={(value) => (value < keep[name] ? setAsked(value) : save.mutate({ ...keep, [name]: value }))}
      />
      <Confirm
        opened={asked !== undefined}
        title={t('keep-less-title', { count: asked ?? 0 })}
        verb={t('keep-less-do', { count: asked ?? 0 })}
        danger
        onConfirm={() => {
          if (asked !== undefined) save.mutate({ ...keep, [name]: asked });
          setAsked(undefined);
        }}
        onClose={() => setAsked(undefined)}
      >
        <p>{t(`${id}-less`, { count: asked ?? 0 })}</p>
      </Confirm>
    </>
  );
}
