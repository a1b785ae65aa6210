import { useQuery } from '@tanstack/react-query';
import type { RuntimeId } from '../../../preload/contract/runtime.ts';
import type { NodeView } from '../../../preload/contract/status.ts';
import { useCore } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { Age } from '../../parts/age.tsx';
import { CopyText } from '../../parts/copy-text.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { Hint } from '../../parts/hint.tsx';
import { Section } from '../../parts/page.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { runtimeName } from '../../../preload/contract/runtime-name.ts';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { daysState, fullInDays } from './node-figures.ts';
import styles from './node.module.css';

/** What the node is and how to reach it; its disk, its certificate, who may pull. */
export function NodeFacts({ node, usedBy }: { readonly node: NodeView; readonly usedBy: readonly RuntimeId[] }) {
  const t = useWords('node');
  const core = useCore();
  const { day } = useFigures();
  const detail = useQuery({
    // Applied anew, it is asked anew.
    queryKey: ['node', 'show', node.name, node.appliedAt ?? 0],
    queryFn: ({ signal }) => core.node.show({ name: node.name }, { signal }),
  });
  return (
    <>
      <Section title={t('about')}>
        <Facts>
          <Fact name={t('address')}>
            {node.address}:{node.port}
          </Fact>
          {detail.data && (
            <Fact name={t('terminal')}>
              <CopyText text={detail.data.shell} />
            </Fact>
          )}
          <Fact name={t('last-applied')}>
            {node.appliedAt === undefined ? t('never-applied') : <Age at={node.appliedAt} />}
          </Fact>
          {detail.data?.spec.base !== undefined && (
            <Fact name={t('folder')}>
              <code className={styles.code}>{detail.data.spec.base}</code>
            </Fact>
          )}
          <Fact name={t('disk')}>
            <DiskWords node={node} />
          </Fact>
          <Fact name={t('certificate')}>
            <CertificateWords days={node.certificateDays} />
          </Fact>
          <Fact name={t('used-by')}>
            {usedBy.length === 0 ? (
              t('used-by-none')
            ) : (
              <PlaceLink to={{ page: 'runtimes' }}>{usedBy.map(runtimeName).join(', ')}</PlaceLink>
            )}
          </Fact>
          {node.seenAt !== undefined && (
            <Fact name={t('measured')}>
              <Age at={node.seenAt} />
            </Fact>
          )}
        </Facts>
        {detail.isError && <ProblemCard problem={problemOf(detail.error)} mild />}
      </Section>
      {detail.data && detail.data.access.length > 0 && (
        <Section title={t('access')}>
          <p className={styles.dim}>{t('access-what')}</p>
          <ul className={styles.access}>
            {detail.data.access.map(({ name, notAfter }) => (
              <li key={`${name} ${String(notAfter)}`}>
                <span>{name}</span>
                <span className={styles.dim}>{t('access-until', { day: day(notAfter) })}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function DiskWords({ node }: { readonly node: NodeView }) {
  const t = useWords('node');
  const { bytes, count } = useFigures();
  const { disk, forecast } = node;
  if (!disk) return <span className={styles.dim}>{t('not-known')}</span>;
  const days = fullInDays(forecast);
  return (
    <span className={styles.disk}>
      {t('disk-free', { free: bytes(disk.freeBytes), total: bytes(disk.totalBytes), cache: bytes(disk.cacheBytes) })}
      {forecast && (
        <Hint
          hint={() =>
            t('forecast-method', {
              count: Math.max(1, Math.round(forecast.measuredDays)),
              rate: bytes(forecast.bytesPerDay),
            })
          }
        >
          <span className={styles.forecast} data-state={daysState(days)}>
            {days === undefined
              ? t('disk-steady')
              : t('disk-full-in', { count: Math.round(days), number: count(Math.round(days)) })}
          </span>
        </Hint>
      )}
    </span>
  );
}

function CertificateWords({ days }: { readonly days: number | undefined }) {
  const t = useWords('node');
  if (days === undefined) return <span className={styles.dim}>{t('not-known')}</span>;
  const state = daysState(days);
  const words = days < 0 ? t('certificate-over') : t('certificate-days', { count: Math.floor(days) });
  return state === 'up' ? words : <StateMark state={state} word={words} />;
}
