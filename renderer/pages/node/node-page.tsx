import { Button, Menu } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { NodeView } from '../../../preload/contract/status.ts';
import { useCore, useSnapshot } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { TaskProgress } from '../../parts/task-progress.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import type { NodePart } from '../../place/place.ts';
import { go, usePlace } from '../../place/use-place.ts';
import { type Command, useCommands } from '../../shell/commands.ts';
import { useStale } from '../../shell/use-stale.ts';
import { useWords } from '../../words/words.ts';
import { Diagnosis } from './diagnosis.tsx';
import { MirrorTable } from './mirror-table.tsx';
import { NodeFacts } from './node-facts.tsx';
import { NodeLog } from './node-log.tsx';
import { PlanSection } from './plan-section.tsx';
import { Programs } from './programs.tsx';
import { RemoveNode } from './remove-node.tsx';
import { usersOf } from '../fleet/fleet-row.ts';

/** One node with all there is to it. */
export function NodePage() {
  const t = useWords('node');
  const place = usePlace();
  const name = place.page === 'node' ? place.node : '';
  const known = useSnapshot(() => true);
  const node = useSnapshot((snapshot) => snapshot.nodes.find((each) => each.name === name));
  const above = <PlaceLink to={{ page: 'fleet' }}>{t('above')}</PlaceLink>;
  if (!node) {
    return (
      <Page title={name} above={above}>
        {known === undefined ? (
          <SkeletonRows rows={10} />
        ) : (
          <EmptyState title={t('unknown', { name })}>{t('unknown-why')}</EmptyState>
        )}
      </Page>
    );
  }
  return <KnownNode node={node} show={place.page === 'node' ? place.show : undefined} />;
}

function KnownNode({ node, show }: { readonly node: NodeView; readonly show: NodePart | undefined }) {
  const t = useWords('node');
  const core = useCore();
  const stale = useStale(node, node.seenAt);
  const task = useSnapshot((snapshot) =>
    snapshot.tasks.findLast((each) => each.subject === node.name && each.kind === 'node-apply'),
  );
  const runtimes = useSnapshot((snapshot) => snapshot.runtimes);
  const refresh = useMutation({ mutationFn: () => core.live.refresh() });
  useNodeCommands(node.name);
  const open = (part: NodePart | undefined): void =>
    go({ page: 'node', node: node.name, ...(part && { show: part }) }, { replace: true });
  return (
    <Page
      title={node.name}
      above={<PlaceLink to={{ page: 'fleet' }}>{t('above')}</PlaceLink>}
      beside={<StateMark state={node.state} stale={stale} />}
      actions={
        <>
          <Button leftSection={<Icon name="refresh" />} loading={refresh.isPending} onClick={() => refresh.mutate()}>
            {t('test-again')}
          </Button>
          <Button onClick={() => open('diagnosis')}>{t('diagnose')}</Button>
          <Button onClick={() => open('plan')} variant={node.applied ? 'default' : 'filled'}>
            {t('see-plan')}
          </Button>
          <Menu position="bottom-end" transitionProps={{ duration: 100 }}>
            <Menu.Target>
              <Button>{t('more')}</Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => go({ page: 'add', node: node.name })}>{t('change')}</Menu.Item>
              <Menu.Item onClick={() => go({ page: 'cache', node: node.name })}>{t('open-cache')}</Menu.Item>
              <Menu.Item onClick={() => go({ page: 'runtimes', route: node.name })}>{t('use')}</Menu.Item>
              <Menu.Divider />
              <Menu.Item c="var(--mf-down)" onClick={() => open('remove')}>
                {t('remove', { name: node.name })}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </>
      }
    >
      {refresh.isError && <ProblemCard problem={problemOf(refresh.error)} />}
      {node.problem && (
        <ProblemCard
          problem={node.problem}
          mild={node.state !== 'down'}
          action={show !== 'diagnosis' && <Button onClick={() => open('diagnosis')}>{t('diagnose')}</Button>}
        />
      )}
      {task && task.state !== 'done' && show !== 'plan' && <TaskProgress task={task} />}
      {show === 'diagnosis' && <Diagnosis node={node.name} onClose={() => open(undefined)} />}
      {(show === 'plan' || (node.drift?.files.length ?? 0) > 0) && (
        <PlanSection node={node} asked={show === 'plan'} task={task} />
      )}
      <Section title={t('mirrors')}>
        <MirrorTable node={node} />
      </Section>
      <NodeFacts node={node} usedBy={usersOf(node.name, runtimes ?? [])} />
      <Programs programs={node.programs} />
      <NodeLog node={node.name} />
      <RemoveNode
        node={node}
        opened={show === 'remove'}
        usedBy={usersOf(node.name, runtimes ?? [])}
        onClose={() => open(undefined)}
      />
    </Page>
  );
}

function useNodeCommands(name: string): void {
  const t = useWords('node');
  useCommands(
    useMemo((): readonly Command[] => {
      const show = (part: NodePart) => () => go({ page: 'node', node: name, show: part }, { replace: true });
      return [
        { id: 'node-diagnose', title: t('command-diagnose', { name }), group: name, run: show('diagnosis') },
        { id: 'node-plan', title: t('command-plan', { name }), group: name, run: show('plan') },
        {
          id: 'node-use',
          title: t('command-use', { name }),
          group: name,
          run: () => go({ page: 'runtimes', route: name }),
        },
        {
          id: 'node-change',
          title: t('command-change', { name }),
          group: name,
          run: () => go({ page: 'add', node: name }),
        },
        { id: 'node-remove', title: t('command-remove', { name }), group: name, run: show('remove') },
      ];
    }, [t, name]),
  );
}
