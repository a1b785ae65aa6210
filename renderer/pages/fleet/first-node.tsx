import { Button } from '@mantine/core';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Icon } from '../../parts/icons.tsx';
import { formatPlace } from '../../place/place.ts';
import { useWords } from '../../words/words.ts';
import styles from './fleet.module.css';

/** What stands where the fleet will be: what a node is, what it costs, and the ways to one. */
export function FirstNode() {
  const t = useWords('fleet');
  return (
    <EmptyState
      title={t('first-title')}
      action={
        <Button component="a" variant="filled" href={formatPlace({ page: 'add' })} leftSection={<Icon name="plus" />}>
          {t('first-action')}
        </Button>
      }
    >
      <p>{t('first-what')}</p>
      <p>{t('first-cost')}</p>
      <dl className={styles.ways}>
        <div>
          <dt>{t('way-ssh')}</dt>
          <dd>{t('way-ssh-what')}</dd>
        </div>
        <div data-later>
          <dt>{t('way-kubernetes')}</dt>
          <dd>{t('way-later')}</dd>
        </div>
        <div data-later>
          <dt>{t('way-here')}</dt>
          <dd>{t('way-later')}</dd>
        </div>
      </dl>
    </EmptyState>
  );
}
