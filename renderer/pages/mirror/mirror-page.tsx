import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { MirrorView, NodeView } from '../../../preload/contract/status.ts';
import { useCore, useSnapshot } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Page } from '../../parts/page.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { formatPlace } from '../../place/place.ts';
import { usePlace } from '../../place/use-place.ts';
import { useStale } from '../../shell/use-stale.ts';
import { useSay } from '../../words/use-say.ts';
import { useWords } from '../../words/words.ts';
import { HistorySection } from './history-section.tsx';
import { Pulls } from './pulls.tsx';
import { UpstreamSection } from './upstream-section.tsx';
import styles from './mirror.module.css';

/** One upstream as one node serves it. */
export function MirrorPage() {
  const t = useWords('mirror');
  const place = usePlace();
  const [name, upstream] = place.page === 'mirror' ? [place.node, place.upstream] : ['', ''];
  const known = useSnapshot(() => true);
  const node = useSnapshot((snapshot) => snapshot.nodes.find((each) => each.name === name));
  const mirror = node?.mirrors.find((each) => each.upstream === upstream);
  if (node && mirror) return <KnownMirror node={node} mirror={mirror} />;
  return (
    <Page title={upstream} above={<Above node={name} />}>
      {known === undefined ? (
        <SkeletonRows rows={10} />
      ) : (
        <EmptyState title={t('unknown', { node: name, upstream })}>{t('unknown-why')}</EmptyState>
      )}
    </Page>
  );
}

function Above({ node }: { readonly node: string }) {
  const t = useWords('mirror');
  return (
    <>
      <PlaceLink to={{ page: 'fleet' }}>{t('above')}</PlaceLink>
      <PlaceLink to={{ page: 'node', node }}>{node}</PlaceLink>
    </>
  );
}

function KnownMirror({ node, mirror }: { readonly node: NodeView; readonly mirror: MirrorView }) {
  const t = useWords('mirror');
  const core = useCore();
  const say = useSay();
  const stale = useStale(node, mirror.at);
  const refresh = useMutation({ mutationFn: () => core.live.refresh() });
  return (
    <Page
      title={mirror.upstream}
      above={<Above node={node.name} />}
      beside={
        <>
          <StateMark state={mirror.state} stale={stale} />
          {mirror.because && <span className={styles.dim}>{say(mirror.because)}</span>}
        </>
      }
      actions={
        <>
          <Button leftSection={<Icon name="refresh" />} loading={refresh.isPending} onClick={() => refresh.mutate()}>
            {t('test-again')}
          </Button>
          <Button component="a" href={formatPlace({ page: 'cache', node: node.name, search: mirror.upstream })}>
            {t('open-cache')}
          </Button>
        </>
      }
    >
      {refresh.isError && <ProblemCard problem={problemOf(refresh.error)} />}
      <UpstreamSection node={node} mirror={mirror} />
      <HistorySection mirror={mirror} />
      <Pulls mirror={mirror} />
    </Page>
  );
}
