import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';

export function MirrorPage() {
  const t = useWords('mirror');
  return <Page title={t('title')} />;
}
