import { assertNever } from '../../../preload/contract/assert-never.ts';
import type { RuntimeView } from '../../../preload/contract/runtime.ts';
import type { Standing } from '../../../preload/contract/standing.ts';
import { Age } from '../../parts/age.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { useWords } from '../../words/words.ts';
import { useRouteWords } from './route-words.ts';
import { markOf } from './runtime-row.ts';
import styles from './runtimes.module.css';

/** What an engine's route is worth, in a shape, a word and a sentence. Green is proven and nothing else. */
export function StandingLine({
  view,
  standing,
  stale,
}: {
  readonly view: RuntimeView;
  readonly standing: Standing;
  readonly stale: boolean;
}) {
  const t = useWords('runtimes');
  const word =
    standing.kind === 'unknown' && view.state !== 'found' ? t(`engine-${view.state}`) : t(`standing-${standing.kind}`);
  return (
    <div className={styles.standing}>
      <StateMark state={markOf(standing)} word={word} stale={stale} />
      <span className={styles.dim}>
        <Sentence view={view} standing={standing} />
      </span>
    </div>
  );
}

function Sentence({ view, standing }: { readonly view: RuntimeView; readonly standing: Standing }) {
  const t = useWords('runtimes');
  const shell = useWords('shell');
  const routeWords = useRouteWords();
  switch (standing.kind) {
    case 'proven':
      return (
        <>
          {t('went-through', { node: standing.proof.node })} <Age at={standing.proof.at} />
        </>
      );
    case 'lapsed':
      return (
        <>
          {t('went-through', { node: standing.proof.node })} <Age at={standing.proof.at} />
          {t('but-now', { node: standing.proof.node, state: shell(`state-${standing.state}`) })}
        </>
      );
    case 'unproven':
      return t('set-not-seen', { route: routeWords(view.route ?? []) });
    case 'direct':
      return t('pulls-directly');
    case 'foreign':
      return t('mirrors-not-ours', { mirrors: standing.mirrors.join(', ') });
    case 'unknown':
      return null;
    default:
      return assertNever(standing);
  }
}
