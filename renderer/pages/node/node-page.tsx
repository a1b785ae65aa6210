import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';

export function NodePage() {
  const t = useWords('node');
  return <Page title={t('title')} />;
}
