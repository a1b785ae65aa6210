import { Button, Checkbox } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { RuntimeId } from '../../../preload/contract/runtime.ts';
import type { NodeView } from '../../../preload/contract/status.ts';
import { useCore, useSnapshot } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { TaskProgress } from '../../parts/task-progress.tsx';
import { formatPlace } from '../../place/place.ts';
import { go } from '../../place/use-place.ts';
import { runtimeName } from '../../../preload/contract/runtime-name.ts';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { Unlock } from './unlock.tsx';

/** Asks about taking a node away: names what goes, what stays, and the engines that must be switched first. */
export function RemoveNode({
  node,
  opened,
  usedBy,
  onClose,
}: {
  readonly node: NodeView;
  readonly opened: boolean;
  readonly usedBy: readonly RuntimeId[];
  readonly onClose: () => void;
}) {
  const t = useWords('node');
  const core = useCore();
  const { bytes } = useFigures();
  const [keepCache, setKeepCache] = useState(false);
  const [forget, setForget] = useState(false);
  const task = useSnapshot((snapshot) =>
    snapshot.tasks.findLast((each) => each.subject === node.name && each.kind === 'node-remove'),
  );
  const remove = useMutation({
    mutationFn: (breakLock: boolean) => core.node.remove({ name: node.name, keepCache, forget, breakLock }),
    onSuccess: (ended) => {
      if (ended.state === 'done') go({ page: 'fleet' });
    },
  });
  const problem = remove.isError ? problemOf(remove.error) : undefined;
  const inUse = usedBy.length > 0;
  const name = node.name;
  return (
    <Confirm
      opened={opened}
      title={t('remove-title', { name })}
      verb={forget ? t('forget-verb', { name }) : t('remove', { name })}
      danger
      busy={remove.isPending}
      disabled={inUse}
      onConfirm={() => remove.mutate(false)}
      onClose={onClose}
    >
      {inUse && (
        <>
          <p>{t('remove-in-use', { engines: usedBy.map(runtimeName).join(', ') })}</p>
          <div>
            <Button component="a" href={formatPlace({ page: 'runtimes' })}>
              {t('switch-first')}
            </Button>
          </div>
        </>
      )}
      {!forget && (
        <>
          <p>{t('remove-what')}</p>
          <ul>
            <li>{t('remove-containers', { count: node.mirrors.length })}</li>
            <li>{keepCache ? t('remove-keeps-cache') : t('remove-cache', { size: bytes(node.disk?.cacheBytes) })}</li>
            <li>{t('remove-files')}</li>
            <li>{t('remove-memory')}</li>
          </ul>
          <p>{t('remove-final')}</p>
          <Checkbox
            label={t('keep-cache')}
            checked={keepCache}
            onChange={(event) => setKeepCache(event.currentTarget.checked)}
          />
        </>
      )}
      {forget && <p>{t('forget-what', { name })}</p>}
      <Checkbox label={t('forget')} checked={forget} onChange={(event) => setForget(event.currentTarget.checked)} />
      {remove.isPending && task && <TaskProgress task={task} />}
      {remove.data && remove.data.state !== 'done' && <TaskProgress task={remove.data} />}
      {problem && (
        <ProblemCard
          problem={problem}
          action={
            problem.code === 'node-locked' ? (
              <Button onClick={() => remove.mutate(true)}>{t('break-lock')}</Button>
            ) : (
              <Unlock node={name} problem={problem} onDone={() => remove.mutate(false)} />
            )
          }
        />
      )}
    </Confirm>
  );
}
