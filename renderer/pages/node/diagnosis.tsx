import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useCore } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { Icon } from '../../parts/icons.tsx';
import { Section } from '../../parts/page.tsx';
import { PreflightList } from '../../parts/preflight-list.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { useWords } from '../../words/words.ts';
import { Unlock } from './unlock.tsx';

/** Looks at the machine now, from its system to its way to each upstream, and names the way out of everything that is wrong. */
export function Diagnosis({ node, onClose }: { readonly node: string; readonly onClose: () => void }) {
  const t = useWords('node');
  const core = useCore();
  const preflight = useQuery({
    queryKey: ['node', 'preflight', node],
    queryFn: ({ signal }) => core.node.preflight({ name: node }, { signal }),
    staleTime: 0,
  });
  const again = (): void => void preflight.refetch();
  const failed = preflight.data?.checks.filter((check) => check.state !== 'ok').length ?? 0;
  return (
    <Section
      title={t('diagnosis')}
      actions={
        <>
          <Button
            size="compact-sm"
            leftSection={<Icon name="refresh" />}
            loading={preflight.isFetching}
            onClick={again}
          >
            {t('look-again')}
          </Button>
          <Button size="compact-sm" onClick={onClose}>
            {t('fold')}
          </Button>
        </>
      }
    >
      {preflight.isPending && <SkeletonRows rows={8} height={28} />}
      {preflight.isError && (
        <ProblemCard
          problem={problemOf(preflight.error)}
          action={<Unlock node={node} problem={problemOf(preflight.error)} onDone={again} />}
        />
      )}
      {preflight.data && (
        <>
          <p className="mf-line" role="status">
            {failed === 0 ? t('diagnosis-good') : t('diagnosis-found', { count: failed })}
          </p>
          <PreflightList
            preflight={preflight.data}
            fix={(check) => check.problem && <Unlock node={node} problem={check.problem} onDone={again} />}
          />
        </>
      )}
    </Section>
  );
}
