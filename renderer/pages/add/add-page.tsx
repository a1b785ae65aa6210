import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';

export function AddPage() {
  const t = useWords('add');
  return <Page title={t('title')} />;
}
