import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/words.ts';

export function FleetPage() {
  const t = useWords('fleet');
  return <Page title={t('title')} />;
}
