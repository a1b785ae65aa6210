import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';

export function SettingsPage() {
  const t = useWords('settings');
  return <Page title={t('title')} />;
}
