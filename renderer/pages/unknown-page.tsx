import { EmptyState } from '../parts/empty-state.tsx';
import { Page } from '../parts/page.tsx';
import { PlaceLink } from '../parts/place-link.tsx';
import { useWords } from '../words/words.ts';

/** For an address that names no page. */
export function UnknownPage() {
  const t = useWords('shell');
  return (
    <Page title={t('unknown-page')}>
      <EmptyState
        title={t('unknown-page-why')}
        action={<PlaceLink to={{ page: 'fleet' }}>{t('go-to-fleet')}</PlaceLink>}
      />
    </Page>
  );
}
