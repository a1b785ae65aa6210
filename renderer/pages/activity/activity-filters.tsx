import { Chip, Group, Select } from '@mantine/core';
import { useMemo } from 'react';
import { useSnapshot } from '../../core/core-context.tsx';
import { runtimeName } from '../../../preload/contract/runtime-name.ts';
import { useWords } from '../../words/words.ts';
import { groupsInOrder, type KindGroup } from './activity-line.ts';
import styles from './activity-page.module.css';

/** What of the journal is shown: kinds of changes, and one node or engine. */
export function ActivityFilters({
  groups,
  onGroups,
  subject,
  onSubject,
}: {
  readonly groups: readonly KindGroup[];
  readonly onGroups: (groups: readonly KindGroup[]) => void;
  readonly subject: string | undefined;
  readonly onSubject: (subject: string | undefined) => void;
}) {
  const t = useWords('activity');
  const nodes = useSnapshot((snapshot) => snapshot.nodes.map((node) => node.name));
  const engines = useSnapshot((snapshot) => snapshot.runtimes.map((runtime) => runtime.id));
  const options = useMemo(() => {
    const known = [
      ...(engines ?? []).map((id) => ({ value: id as string, label: runtimeName(id) })),
      ...(nodes ?? []).map((name) => ({ value: name, label: name })),
    ];
    // A node that is gone still has a past.
    const missing = subject !== undefined && !known.some((each) => each.value === subject);
    return missing ? [...known, { value: subject, label: subject }] : known;
  }, [engines, nodes, subject]);
  return (
    <div className={styles.filters}>
      <div role="group" aria-label={t('kinds')}>
        <Chip.Group
          multiple
          value={[...groups]}
          onChange={(chosen) => onGroups(groupsInOrder.filter((group) => chosen.includes(group)))}
        >
          <Group gap="xs">
            {groupsInOrder.map((group) => (
              <Chip key={group} value={group} size="xs" variant="outline">
                {t(`group-${group}`)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      </div>
      <Select
        size="xs"
        className={styles.subject}
        aria-label={t('subject')}
        placeholder={t('subject-any')}
        data={options}
        value={subject ?? null}
        onChange={(value) => onSubject(value ?? undefined)}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': t('subject-clear') }}
      />
    </div>
  );
}
