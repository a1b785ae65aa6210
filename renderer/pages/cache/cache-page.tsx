import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';

export function CachePage() {
  const t = useWords('cache');
  return <Page title={t('title')} />;
}
