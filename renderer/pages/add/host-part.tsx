import { Autocomplete, Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { KnownHost } from '../../../preload/contract/node.ts';
import { useCore } from '../../core/core-context.tsx';
import { Fold } from '../../parts/fold.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useWords } from '../../words/words.ts';
import styles from './add.module.css';
import { hostsFor, withDestination, type Draft, type Fault } from './draft.ts';
import { Part } from './part.tsx';
import { questionOf } from './questions.ts';
import type { Adding } from './use-adding.ts';

/** Where the node will be: a host of the ssh configuration or any other, and the name it gets. */
export function HostPart({ adding }: { readonly adding: Adding }) {
  const t = useWords('add');
  const { known, faults, problems } = adding;
  const { draft } = known;
  const [tried, setTried] = useState(false);
  const [changing, setChanging] = useState(false);
  const added = draft.added !== undefined;
  const busy = known.asking === 'add';
  const text = (fault: Fault | undefined, typed: string): string | undefined =>
    fault !== undefined && (tried || typed !== '') ? t(`fault-${fault}`) : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(faults).length > 0 || busy) return;
    setChanging(false);
    adding.connect();
  };
  if (added && !changing && !problems.add)
    return (
      <Part
        title={t('host')}
        actions={
          known.task?.state !== 'running' && <Button onClick={() => setChanging(true)}>{t('change-host')}</Button>
        }
      >
        <p>{t('host-as', { host: draft.destination })}</p>
      </Part>
    );
  const failed = problems.add && questionOf(problems.add) === undefined ? problems.add : undefined;
  return (
    <Part title={t('host')}>
      <form onSubmit={submit} className={styles.part} noValidate>
        <div className={styles.fields}>
          <HostField draft={draft} error={text(faults.destination, draft.destination)} adding={adding} />
          <TextInput
            label={t('name')}
            description={t('name-what')}
            value={draft.name}
            disabled={added}
            error={text(faults.name, draft.name)}
            autoComplete="off"
            spellCheck={false}
            onChange={({ currentTarget: { value } }) => adding.change({ ...draft, name: value, ownName: value !== '' })}
          />
        </div>
        <MoreOfHost adding={adding} error={faults.sshPort && t(`fault-${faults.sshPort}`)} />
        <div className={styles.buttons}>
          <Button type="submit" variant={known.question ? 'default' : 'filled'} loading={busy}>
            {t('connect')}
          </Button>
        </div>
      </form>
      {failed && <ProblemCard problem={failed} />}
    </Part>
  );
}

function HostField({
  draft,
  error,
  adding,
}: {
  readonly draft: Draft;
  readonly error: string | undefined;
  readonly adding: Adding;
}) {
  const core = useCore();
  const t = useWords('add');
  const { data: hosts = [] } = useQuery({ queryKey: ['node', 'hosts'], queryFn: () => core.node.hosts() });
  const byAlias = new Map(hosts.map((host) => [host.alias, host]));
  return (
    <Autocomplete
      label={t('host-field')}
      description={hosts.length > 0 ? t('host-field-known', { count: hosts.length }) : t('host-field-what')}
      placeholder="root@203.0.113.7"
      value={draft.destination}
      error={error}
      data={hosts.map(({ alias }) => alias)}
      filter={({ search }) => hostsFor(hosts, search).map(({ alias }) => ({ value: alias, label: alias }))}
      renderOption={({ option }) => <HostOption host={byAlias.get(option.value)} alias={option.value} />}
      limit={50}
      maxDropdownHeight={280}
      autoComplete="off"
      spellCheck={false}
      comboboxProps={{ transitionProps: { duration: 0 } }}
      onChange={(value) => adding.change(withDestination(draft, value, adding.known.taken))}
    />
  );
}

function HostOption({ host, alias }: { readonly host: KnownHost | undefined; readonly alias: string }) {
  const where =
    host &&
    `${host.user === undefined ? '' : `${host.user}@`}${host.hostName ?? host.alias}${host.port === undefined ? '' : `:${host.port}`}`;
  return (
    <span className={styles.option}>
      {alias}
      {where !== undefined && where !== alias && <span className={styles.dim}>{where}</span>}
    </span>
  );
}

/** What the ssh configuration usually says already. */
function MoreOfHost({ adding, error }: { readonly adding: Adding; readonly error: string | undefined }) {
  const t = useWords('add');
  const { draft } = adding.known;
  const { sshPort, identityFile, jump } = draft;
  return (
    <Fold title={t('more-of-host')} open={sshPort !== '' || identityFile !== '' || jump !== ''}>
      <div className={styles.fields}>
        <TextInput
          label={t('ssh-port')}
          placeholder="22"
          inputMode="numeric"
          value={sshPort}
          error={error}
          onChange={({ currentTarget: { value } }) => adding.change({ ...draft, sshPort: value.trim() })}
        />
        <TextInput
          label={t('key-file')}
          placeholder="~/.ssh/id_ed25519"
          value={identityFile}
          spellCheck={false}
          onChange={({ currentTarget: { value } }) => adding.change({ ...draft, identityFile: value })}
        />
        <TextInput
          label={t('jump-host')}
          placeholder="bastion"
          value={jump}
          spellCheck={false}
          onChange={({ currentTarget: { value } }) => adding.change({ ...draft, jump: value })}
        />
      </div>
    </Fold>
  );
}
