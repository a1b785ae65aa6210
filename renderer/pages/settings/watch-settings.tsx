import { watchSettingsSchema, type WatchSettings } from '../../../preload/contract/settings.ts';
import { problemOf } from '../../core/problems.ts';
import { Section } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';
import { limitsOf } from './number-field.ts';
import { NumberSetting } from './number-setting.tsx';
import { useFound } from './setting-row.tsx';
import { useSave } from './settings-queries.ts';

/** How often the fleet is looked at. */
export function WatchSection({ watch }: { readonly watch: WatchSettings }) {
  const t = useWords('settings');
  return useFound('watch-every', 'watch-upstream') ? (
    <Section title={t('watch')}>
      <WatchField watch={watch} name="everySeconds" id="watch-every" />
      <WatchField watch={watch} name="upstreamEverySeconds" id="watch-upstream" />
    </Section>
  ) : null;
}

function WatchField({
  watch,
  name,
  id,
}: {
  readonly watch: WatchSettings;
  readonly name: keyof WatchSettings;
  readonly id: 'watch-every' | 'watch-upstream';
}) {
  const t = useWords('settings');
  const save = useSave<WatchSettings>((settings, next) => settings.setWatch(next));
  return (
    <NumberSetting
      id={id}
      title={t(`${id}-title`)}
      what={t(`${id}-what`)}
      unit={t('seconds')}
      value={watch[name]}
      limits={limitsOf(watchSettingsSchema.shape[name])}
      saving={save.isPending}
      saved={save.isSuccess}
      problem={save.error ? problemOf(save.error) : undefined}
      onSave={(value) => save.mutate({ ...watch, [name]: value })}
    />
  );
}
