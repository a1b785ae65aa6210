import { Button } from '@mantine/core';
import { EmptyState } from '../parts/empty-state.tsx';
import { Page } from '../parts/page.tsx';
import { formatPlace, type RefusedLink } from '../place/place.ts';
import { useWords } from '../words/words.ts';

/** For a link of another program that asked for something this app does not do: what it was, that nothing was done, and the way on. */
export function LinkRefusedPage({ kind }: { readonly kind: RefusedLink }) {
  const t = useWords('shell');
  return (
    <Page title={t('link-refused')}>
      <EmptyState
        title={t(`link-${kind}`)}
        action={
          <>
            <Button component="a" variant="filled" href={formatPlace({ page: kind === 'join' ? 'add' : 'fleet' })}>
              {t(kind === 'join' ? 'command-add-node' : 'go-to-fleet')}
            </Button>
            {kind === 'join' && (
              <Button component="a" href={formatPlace({ page: 'fleet' })}>
                {t('go-to-fleet')}
              </Button>
            )}
          </>
        }
      >
        <p>{t('link-nothing-done')}</p>
        <p>{t(`link-${kind}-way`)}</p>
      </EmptyState>
    </Page>
  );
}
