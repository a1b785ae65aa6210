import { useMemo } from 'react';
import type { MirrorView, NodeView } from '../../../preload/contract/status.ts';
import { timesDirect } from '../../../preload/contract/times-direct.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Bytes, Latency } from '../../parts/figure.tsx';
import { Hint } from '../../parts/hint.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { byNumber, byText } from '../../parts/table-model.ts';
import { go } from '../../place/use-place.ts';
import { useStale } from '../../shell/use-stale.ts';
import { useFigures } from '../../words/use-figures.ts';
import { useSay } from '../../words/use-say.ts';
import { useWords } from '../../words/words.ts';
import { hitShare } from '../mirror/mirror-figures.ts';

/** The mirrors of a node: how each is, how fast, and what it did. */
export function MirrorTable({ node }: { readonly node: NodeView }) {
  const t = useWords('node');
  const staleAfterMs = node.staleAfterMs;
  const columns = useMemo((): readonly Column<MirrorView>[] => {
    const end = { align: 'end' } as const;
    const ms = (id: 'cached' | 'uncached' | 'direct', title: string, hint: string): Column<MirrorView> => ({
      id,
      title,
      hint,
      width: '5.75rem',
      ...end,
      cell: (mirror) => <MsCell mirror={mirror} which={id} staleAfterMs={staleAfterMs} />,
      compare: byNumber((mirror) => mirror[id]?.manifestMs),
    });
    return [
      {
        id: 'upstream',
        title: t('upstream'),
        width: 'minmax(9rem, 1fr)',
        sticks: true,
        cell: (mirror) => <NameCell mirror={mirror} />,
        compare: byText((mirror) => mirror.upstream),
      },
      {
        id: 'state',
        title: t('state'),
        width: 'minmax(11rem, 1.6fr)',
        cell: (mirror) => <StateCell mirror={mirror} staleAfterMs={staleAfterMs} />,
      },
      ms('cached', t('cached'), t('cached-method')),
      ms('uncached', t('uncached'), t('uncached-method')),
      ms('direct', t('direct'), t('direct-method')),
      {
        id: 'times',
        title: t('vs-direct'),
        width: '8.5rem',
        cell: (mirror) => <TimesCell mirror={mirror} staleAfterMs={staleAfterMs} />,
        compare: byNumber(timesDirect),
      },
      {
        id: 'hits',
        title: t('hits'),
        hint: t('hits-method'),
        width: '4.5rem',
        ...end,
        cell: (mirror) => <HitsCell mirror={mirror} />,
        compare: byNumber((mirror) => hitShare(mirror.traffic)),
      },
      {
        id: 'cache',
        title: t('cache'),
        hint: t('cache-method'),
        width: '6rem',
        ...end,
        cell: (mirror) => <Bytes value={mirror.cacheBytes} />,
        compare: byNumber((mirror) => mirror.cacheBytes),
      },
    ];
  }, [t, staleAfterMs]);
  return (
    <DataTable
      label={t('mirrors')}
      columns={columns}
      rows={node.mirrors}
      rowKey={(mirror) => mirror.upstream}
      maxHeight={24}
      onOpen={(mirror) => go({ page: 'mirror', node: mirror.node, upstream: mirror.upstream })}
    />
  );
}

interface OfMirror {
  readonly mirror: MirrorView;
  readonly staleAfterMs?: number | undefined;
}

function NameCell({ mirror }: OfMirror) {
  return (
    <span className="mf-clip" title={mirror.upstream}>
      <PlaceLink to={{ page: 'mirror', node: mirror.node, upstream: mirror.upstream }} plain inGrid>
        {mirror.upstream}
      </PlaceLink>
    </span>
  );
}

function StateCell({ mirror, staleAfterMs }: OfMirror) {
  const say = useSay();
  const stale = useStale(staleAfterMs === undefined ? {} : { staleAfterMs }, mirror.at);
  const reason = mirror.because && say(mirror.because);
  return (
    <>
      <StateMark state={mirror.state} stale={stale} />
      {reason !== undefined && (
        <span className="mf-clip" title={reason}>
          {reason}
        </span>
      )}
    </>
  );
}

function MsCell({ mirror, which, staleAfterMs }: OfMirror & { readonly which: 'cached' | 'uncached' | 'direct' }) {
  const t = useWords('node');
  const say = useSay();
  const latency = mirror[which];
  const stale = useStale(
    staleAfterMs === undefined ? {} : { staleAfterMs },
    which === 'cached' ? latency?.at : undefined,
  );
  const because = which === 'direct' ? mirror.directBecause : undefined;
  if (because)
    return (
      <Hint hint={() => t('direct-not-measured', { reason: say(because) })}>
        <span className="mf-clip mf-stale">{say(because)}</span>
      </Hint>
    );
  return <Latency ms={latency?.manifestMs} stale={stale || mirror.state === 'down'} />;
}

function TimesCell({ mirror, staleAfterMs }: OfMirror) {
  const t = useWords('node');
  const { times } = useFigures();
  const old = useStale(staleAfterMs === undefined ? {} : { staleAfterMs }, mirror.cached?.at);
  const stale = old || mirror.state === 'down';
  const recent = mirror.recentMs ?? [];
  return (
    <>
      <span className={stale ? 'mf-stale' : undefined} style={{ minWidth: '2.5rem', textAlign: 'end' }}>
        {times(timesDirect(mirror))}
      </span>
      {recent.length > 1 && (
        <Sparkline values={recent} stale={stale} label={t('recent-label', { count: recent.length })} />
      )}
    </>
  );
}

function HitsCell({ mirror }: OfMirror) {
  const { percent } = useFigures();
  return <span>{percent(hitShare(mirror.traffic))}</span>;
}
