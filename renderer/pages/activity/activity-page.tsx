import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';

export function ActivityPage() {
  const t = useWords('activity');
  return <Page title={t('title')} />;
}
