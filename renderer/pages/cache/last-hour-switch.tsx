import { Switch } from '@mantine/core';
import { useWords } from '../../words/words.ts';

/** Lets a prune take what was used or written within the last hour, and says what that risks. */
export function LastHourSwitch({ on, onChange }: { readonly on: boolean; readonly onChange: (on: boolean) => void }) {
  const t = useWords('cache');
  return (
    <Switch
      size="xs"
      label={t('last-hour-too')}
      description={t('last-hour-risk')}
      checked={on}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
