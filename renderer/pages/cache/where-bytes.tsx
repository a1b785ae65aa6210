import { useMemo, useState } from 'react';
import { Choice } from '../../parts/choice.tsx';
import { type Column, DataTable, type Sort } from '../../parts/data-table.tsx';
import { Bytes } from '../../parts/figure.tsx';
import { Section } from '../../parts/page.tsx';
import { byNumber, byText } from '../../parts/table-model.ts';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { type PartChoice, samePart, Treemap } from './treemap.tsx';
import type { RepositoryShare } from './treemap-layout.ts';

/** Where the bytes are, as a map or as a list; both choose the part of the cache that the table shows. */
export function WhereBytes(props: PartChoice) {
  const t = useWords('cache');
  const [form, setForm] = useState<'map' | 'list'>('map');
  return (
    <Section
      title={t('where-bytes')}
      actions={
        <Choice
          label={t('shown-as')}
          value={form}
          onChoose={setForm}
          options={[
            ['map', t('as-map')],
            ['list', t('as-list')],
          ]}
        />
      }
    >
      {form === 'map' ? <Treemap {...props} /> : <ShareList {...props} />}
    </Section>
  );
}

const biggestFirst: Sort = { column: 'bytes', down: true };

function ShareList({ shares, chosen, onChoose }: PartChoice) {
  const t = useWords('cache');
  const { count } = useFigures();
  const [sort, setSort] = useState<Sort>(biggestFirst);
  const columns = useMemo(
    (): readonly Column<RepositoryShare>[] => [
      {
        id: 'repository',
        title: t('column-repository'),
        width: 'minmax(12rem, 1fr)',
        cell: (share) => nameOf(share),
        compare: byText(nameOf),
      },
      {
        id: 'images',
        title: t('column-images'),
        width: '6rem',
        align: 'end',
        cell: (share) => count(share.images),
        compare: byNumber((share) => share.images),
      },
      {
        id: 'bytes',
        title: t('column-size'),
        width: '6rem',
        align: 'end',
        cell: (share) => <Bytes value={share.bytes} />,
        compare: byNumber((share) => share.bytes),
      },
    ],
    [t, count],
  );
  const choose = ({ upstream, repository }: RepositoryShare): void => {
    const part = { upstream, repositories: [repository] };
    onChoose(samePart(part, chosen) ? undefined : part);
  };
  return (
    <DataTable
      label={t('where-bytes')}
      columns={columns}
      rows={shares}
      rowKey={nameOf}
      onOpen={choose}
      sort={sort}
      onSort={setSort}
      maxHeight={15}
      rowHeight={32}
    />
  );
}

function nameOf(share: RepositoryShare): string {
  return `${share.upstream}/${share.repository}`;
}
