import { EmptyState } from '../../parts/empty-state.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { useWords } from '../../words/words.ts';

/** No node has a cache yet: what one is good for, and the way to it. */
export function CacheEmpty({ nodes }: { readonly nodes: number }) {
  const t = useWords('cache');
  return nodes === 0 ? (
    <EmptyState title={t('empty-title')} action={<PlaceLink to={{ page: 'add' }}>{t('empty-add')}</PlaceLink>}>
      {t('empty-what')}
    </EmptyState>
  ) : (
    <EmptyState title={t('empty-title')} action={<PlaceLink to={{ page: 'fleet' }}>{t('empty-fleet')}</PlaceLink>}>
      {t('empty-not-applied')}
    </EmptyState>
  );
}
