import type { MirrorView, NodeView } from '../../../preload/contract/status.ts';
import { timesDirect } from '../../../preload/contract/times-direct.ts';
import { Age } from '../../parts/age.tsx';
import { Bytes, Latency } from '../../parts/figure.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { Hint } from '../../parts/hint.tsx';
import { Section } from '../../parts/page.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { useStale } from '../../shell/use-stale.ts';
import { useFigures } from '../../words/use-figures.ts';
import { useSay } from '../../words/use-say.ts';
import { useWords } from '../../words/words.ts';
import { daysState } from '../node/node-figures.ts';
import styles from './mirror.module.css';

/** What is true now: how fast, and what the upstream itself answers the node. */
export function UpstreamSection({ node, mirror }: { readonly node: NodeView; readonly mirror: MirrorView }) {
  const t = useWords('mirror');
  const say = useSay();
  const { ms, times, count, span } = useFigures();
  const stale = useStale(node, mirror.at) || mirror.state === 'down';
  const { atUpstream, quota } = mirror;
  return (
    <Section title={t('now')}>
      <Facts>
        <Fact name={t('cached')}>
          <Hint hint={() => t('cached-method')}>
            <Latency ms={mirror.cached?.manifestMs} stale={stale} />
            {mirror.cached?.firstByteMs !== undefined && (
              <span className={styles.dim}>{t('first-byte', { ms: ms(mirror.cached.firstByteMs) })}</span>
            )}
          </Hint>
        </Fact>
        <Fact name={t('upstream-answer')}>
          <Hint hint={() => t('upstream-method')}>
            <UpstreamWords mirror={mirror} />
          </Hint>
        </Fact>
        <Fact name={t('uncached')}>
          <Hint hint={() => t('uncached-method')}>
            <Latency ms={mirror.uncached?.manifestMs} />
            {mirror.uncached && (
              <span className={styles.dim}>
                <Age at={mirror.uncached.at} />
              </span>
            )}
          </Hint>
        </Fact>
        <Fact name={t('quota')}>
          {quota ? (
            <Hint hint={() => t('quota-method')}>
              <span data-state={quota.remaining === 0 ? 'degraded' : undefined} className={styles.quota}>
                {t('quota-left', {
                  remaining: count(quota.remaining),
                  limit: count(quota.limit),
                  window: span(quota.windowSeconds * 1000),
                })}
              </span>
            </Hint>
          ) : (
            <span className={styles.dim}>{atUpstream ? t('no-quota') : t('not-asked')}</span>
          )}
        </Fact>
        <Fact name={t('direct')}>
          {mirror.directBecause ? (
            <span>{t('direct-not-measured', { reason: say(mirror.directBecause) })}</span>
          ) : (
            <Hint hint={() => t('direct-method')}>
              <Latency ms={mirror.direct?.manifestMs} />
              {timesDirect(mirror) !== undefined && (
                <span className={stale ? 'mf-stale' : undefined}>
                  {t('times-direct', { times: times(timesDirect(mirror)) })}
                </span>
              )}
            </Hint>
          )}
        </Fact>
        <Fact name={t('certificate')}>
          <Certificate days={node.certificateDays} />
        </Fact>
        <Fact name={t('cache')}>
          <Hint hint={() => t('cache-method')}>
            <Bytes value={mirror.cacheBytes} />
          </Hint>
        </Fact>
        {mirror.at !== undefined && (
          <Fact name={t('measured')}>
            <Age at={mirror.at} />
          </Fact>
        )}
      </Facts>
    </Section>
  );
}

function UpstreamWords({ mirror: { atUpstream } }: { readonly mirror: MirrorView }) {
  const t = useWords('mirror');
  const say = useSay();
  const { ms } = useFigures();
  if (!atUpstream) return <span className={styles.dim}>{t('not-asked')}</span>;
  const { status, at } = atUpstream;
  const words = atUpstream.because
    ? say(atUpstream.because)
    : status === undefined
      ? t('no-answer')
      : t(`status-${statusKind(status)}`, { status });
  return (
    <>
      <StateMark state={status === undefined || status >= 400 ? 'degraded' : 'up'} word={words} />
      {atUpstream.ms !== undefined && <span className={styles.dim}>{ms(atUpstream.ms)}</span>}
      <span className={styles.dim}>
        <Age at={at} />
      </span>
    </>
  );
}

/** What an upstream's status means to someone who pulls. */
function statusKind(status: number): 'good' | 'refused' | 'limited' | 'broken' | 'other' {
  if (status < 400) return 'good';
  if (status === 429) return 'limited';
  if (status === 401 || status === 403) return 'refused';
  return status >= 500 ? 'broken' : 'other';
}

function Certificate({ days }: { readonly days: number | undefined }) {
  const t = useWords('mirror');
  if (days === undefined) return <span className={styles.dim}>{t('not-asked')}</span>;
  const words = days < 0 ? t('certificate-over') : t('certificate-days', { count: Math.floor(days) });
  const state = daysState(days);
  return state === 'up' ? words : <StateMark state={state} word={words} />;
}
