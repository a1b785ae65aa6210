import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { EmptyState } from '../parts/empty-state.tsx';
import { useWords } from '../words/words.ts';

/**
 * Keeps a page that cannot be shown (its code did not come, or it failed while it was drawn) from taking the rest of the window with it.
 * Give it a `key` of the place, so that going elsewhere leaves the fault behind.
 */
export class PageFault extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error: error ?? new Error('unknown') };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === undefined ? this.props.children : <Fault error={error} />;
  }
}

function Fault({ error }: { readonly error: unknown }) {
  const t = useWords('shell');
  return (
    <EmptyState title={t('page-fault')} action={<Button onClick={() => location.reload()}>{t('page-again')}</Button>}>
      {t('page-fault-what')}
      <code>{error instanceof Error ? error.message : String(error)}</code>
    </EmptyState>
  );
}
