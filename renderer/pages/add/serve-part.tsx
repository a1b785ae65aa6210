import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useCore } from '../../core/core-context.tsx';
import { Chips } from '../../parts/chips.tsx';
import { Fold } from '../../parts/fold.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useWords } from '../../words/words.ts';
import styles from './add.module.css';
import { isAdded } from './draft.ts';
import { Part } from './part.tsx';
import { nextStep } from './progress.ts';
import { questionOf } from './questions.ts';
import { typedUpstream, upstreamOptions } from './upstream-choice.ts';
import type { Adding } from './use-adding.ts';

/** What the node serves, where clients find it and who may pull. */
export function ServePart({ adding }: { readonly adding: Adding }) {
  const core = useCore();
  const t = useWords('add');
  const { known, faults, problems } = adding;
  const { draft } = known;
  const running = known.task?.state === 'running';
  // Without an address of its own the node is found where SSH finds the machine; only the core knows where that is.
  const { data: detail } = useQuery({
    queryKey: ['node', 'show', draft.added?.name],
    queryFn: () => core.node.show({ name: draft.added?.name ?? '' }),
    enabled: draft.added !== undefined,
  });
  const next = nextStep(known);
  const planProblem = problems.plan && questionOf(problems.plan) === undefined ? problems.plan : undefined;
  return (
    <Part title={t('serves')}>
      <Upstreams adding={adding} locked={running} error={faults.upstreams && t(`fault-${faults.upstreams}`)} />
      <div className={styles.fields}>
        <TextInput
          label={t('address')}
          description={t('address-what')}
          placeholder={detail?.spec.address ?? ''}
          value={draft.address}
          error={faults.address && t(`fault-${faults.address}`)}
          disabled={running}
          spellCheck={false}
          onChange={({ currentTarget: { value } }) => adding.change({ ...draft, address: value })}
        />
        <TextInput
          label={t('port')}
          description={t('port-what')}
          className={styles.narrow ?? ''}
          inputMode="numeric"
          value={draft.port}
          error={faults.port && t(`fault-${faults.port}`)}
          disabled={running}
          onChange={({ currentTarget: { value } }) => adding.change({ ...draft, port: value.trim() })}
        />
      </div>
      <Fold title={t('more-of-node')} open={draft.base !== ''}>
        <div className={styles.fields}>
          <TextInput
            label={t('base')}
            description={t('base-what')}
            placeholder="/opt/mirrorfleet"
            value={draft.base}
            error={faults.base && t(`fault-${faults.base}`)}
            disabled={running}
            spellCheck={false}
            onChange={({ currentTarget: { value } }) => adding.change({ ...draft, base: value.trim() })}
          />
        </div>
      </Fold>
      <p className={styles.dim}>{t('access')}</p>
      <div className={styles.buttons}>
        {isAdded(draft) ? (
          <Button
            variant={known.plan || known.task ? 'default' : 'filled'}
            loading={known.asking === 'plan'}
            disabled={!['make-plan', 'apply', 'go-on'].includes(next)}
            onClick={adding.makePlan}
          >
            {known.plan ? t('plan-again') : t('see-plan')}
          </Button>
        ) : (
          <Button variant="filled" loading={known.asking === 'add'} disabled={next !== 'save'} onClick={adding.connect}>
            {t('save-and-check')}
          </Button>
        )}
        {next === 'solve' && known.asking === 'nothing' && <span className={styles.dim}>{t('solve-first')}</span>}
      </div>
      {planProblem && <ProblemCard problem={planProblem} />}
    </Part>
  );
}

function Upstreams({
  adding,
  locked,
  error,
}: {
  readonly adding: Adding;
  readonly locked: boolean;
  readonly error: string | undefined;
}) {
  const t = useWords('add');
  const { draft } = adding.known;
  const [typed, setTyped] = useState('');
  const [own, setOwn] = useState<readonly string[]>([]);
  const options = upstreamOptions(draft.upstreams, own);
  const id = typedUpstream(typed);
  const put = (): void => {
    if (id === undefined) return;
    setOwn((now) => [...now, id]);
    adding.change({ ...draft, upstreams: [...new Set([...draft.upstreams, id])] });
    setTyped('');
  };
  return (
    <>
      <p>{t('upstreams-what')}</p>
      <Chips
        label={t('upstreams')}
        options={options}
        chosen={draft.upstreams}
        onChange={(upstreams) =>
          adding.change({ ...draft, upstreams: options.filter((each) => upstreams.includes(each)) })
        }
        {...(locked && { locked: options })}
      />
      {error !== undefined && <p role="alert">{error}</p>}
      <form
        className={styles.buttons}
        onSubmit={(event) => {
          event.preventDefault();
          put();
        }}
      >
        <TextInput
          label={t('own-upstream')}
          placeholder="registry.example:5000"
          value={typed}
          disabled={locked}
          error={typed !== '' && id === undefined ? t('fault-upstream') : undefined}
          spellCheck={false}
          onChange={({ currentTarget: { value } }) => setTyped(value)}
        />
        <Button type="submit" disabled={id === undefined || locked}>
          {t('add-upstream')}
        </Button>
      </form>
    </>
  );
}
