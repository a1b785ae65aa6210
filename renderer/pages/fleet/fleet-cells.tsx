import { Button } from '@mantine/core';
import type { MirrorView } from '../../../preload/contract/status.ts';
import { Age } from '../../parts/age.tsx';
import { Bytes, Latency } from '../../parts/figure.tsx';
import { Hint } from '../../parts/hint.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { formatPlace, type NodePart } from '../../place/place.ts';
import { runtimeName } from '../../../preload/contract/runtime-name.ts';
import { useFigures } from '../../words/use-figures.ts';
import { useSay } from '../../words/use-say.ts';
import { useWords } from '../../words/words.ts';
import { type FleetRow, recentOf, type ShownMirror } from './fleet-row.ts';
import styles from './fleet.module.css';

interface OfRow {
  readonly row: FleetRow;
}

export function NameCell({ row }: OfRow) {
  return (
    <span className={styles.name} title={row.node.name}>
      <PlaceLink to={{ page: 'node', node: row.node.name }} plain inGrid>
        {row.node.name}
      </PlaceLink>
    </span>
  );
}

/** The state, and how old that is where it is old. */
export function StateCell({ row }: OfRow) {
  const { stale } = row;
  return (
    <>
      <StateMark state={row.node.state} stale={stale} />
      {stale && row.at !== undefined && (
        <span className={styles.age}>
          <Age at={row.at} />
        </span>
      )}
    </>
  );
}

export function PullCell({ row }: OfRow) {
  const t = useWords('fleet');
  return (
    <Hint hint={() => t('pull-method')}>
      <Latency ms={row.p50} stale={row.stale} />
    </Hint>
  );
}

/** How many times faster than direct with the course of the last probes, or why that cannot be said. */
export function DirectCell({ row }: OfRow) {
  const t = useWords('fleet');
  const say = useSay();
  const { times, ms } = useFigures();
  const { stale } = row;
  const recent = recentOf(row.node);
  const last = recent.at(-1);
  return (
    <Hint
      hint={() =>
        row.directBecause ? t('direct-not-measured', { reason: say(row.directBecause) }) : t('direct-method')
      }
    >
      {row.directBecause ? (
        <span className={styles.noDirect}>{t('no-direct', { reason: say(row.directBecause) })}</span>
      ) : (
        <span className={stale ? `${styles.times} mf-stale` : styles.times}>{times(row.times)}</span>
      )}
      {recent.length > 1 && (
        <Sparkline
          values={recent}
          stale={stale}
          label={t('recent-label', {
            count: recent.length,
            last: typeof last === 'number' ? ms(last) : t('failed'),
          })}
        />
      )}
    </Hint>
  );
}

/** One mirror: shape, the number its upstream said, and on hover the reason and the figures. */
export function MirrorCell({ shown }: { readonly shown: ShownMirror | undefined }) {
  if (!shown) return <span className={styles.none}>–</span>;
  const { mirror, stale, word } = shown;
  return (
    <Hint
      hint={() => <MirrorHint mirror={mirror} />}
      className={styles.mirror}
      state={stale ? 'unknown' : mirror.state}
    >
      <StateMark state={mirror.state} bare stale={stale} />
      {word}
    </Hint>
  );
}

function MirrorHint({ mirror }: { readonly mirror: MirrorView }) {
  const t = useWords('fleet');
  const shell = useWords('shell');
  const say = useSay();
  const { ms, ago, count } = useFigures();
  return [
    `${mirror.upstream}: ${shell(`state-${mirror.state}`)}`,
    mirror.because && say(mirror.because),
    mirror.cached?.manifestMs !== undefined && t('hint-cached', { ms: ms(mirror.cached.manifestMs) }),
    mirror.uncached?.manifestMs !== undefined && t('hint-uncached', { ms: ms(mirror.uncached.manifestMs) }),
    mirror.direct?.manifestMs !== undefined && t('hint-direct', { ms: ms(mirror.direct.manifestMs) }),
    mirror.quota && t('hint-quota', { remaining: count(mirror.quota.remaining), limit: count(mirror.quota.limit) }),
    mirror.at !== undefined && t('hint-at', { ago: ago(mirror.at, Date.now()) }),
  ]
    .filter(Boolean)
    .join('\n');
}

export function CacheCell({ row }: OfRow) {
  const { disk } = row.node;
  return (
    <span className={row.stale ? 'mf-stale' : undefined}>
      <Bytes value={disk?.cacheBytes} of={disk?.totalBytes} />
    </span>
  );
}

export function UsedByCell({ row }: OfRow) {
  return <span className="mf-clip">{row.usedBy.length === 0 ? '–' : row.usedBy.map(runtimeName).join(', ')}</span>;
}

/** All there is to say of a node that does not answer: since when, why, and the way to find out more. */
export function DownCells({ row }: OfRow) {
  const t = useWords('fleet');
  const say = useSay();
  return (
    <span className={styles.span}>
      <span className={styles.wide}>–</span>
      {row.at !== undefined && (
        <span>
          {t('last-seen')} <Age at={row.at} />
        </span>
      )}
      {row.because && <span>· “{say(row.because)}”</span>}
      <span className={styles.wide}>·</span>
      <ToNode row={row} show="diagnosis">
        {t('diagnose')}
      </ToNode>
    </span>
  );
}

/** The way to a part of the node's page; the table has the Tab key and Enter for it. */
function ToNode({ row, show, children }: OfRow & { readonly show: NodePart; readonly children: string }) {
  return (
    <Button
      component="a"
      size="compact-xs"
      tabIndex={-1}
      href={formatPlace({ page: 'node', node: row.node.name, show })}
    >
      {children}
    </Button>
  );
}

/** A node that was added and serves nothing yet. */
export function AddedCells({ row }: OfRow) {
  const t = useWords('fleet');
  return (
    <span className={styles.span}>
      <span className={styles.none}>{t('not-applied')}</span>
      <ToNode row={row} show="plan">
        {t('see-plan')}
      </ToNode>
    </span>
  );
}
