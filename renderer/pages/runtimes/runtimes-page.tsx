import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';

export function RuntimesPage() {
  const t = useWords('runtimes');
  return <Page title={t('title')} />;
}
