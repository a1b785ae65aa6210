import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { CacheList } from '../../preload/contract/cache.ts';
import { useSnapshot } from '../core/core-context.tsx';
import { Icon } from '../parts/icons.tsx';
import { sections } from '../place/place.ts';
import { go } from '../place/use-place.ts';
import { useWords } from '../words/words.ts';
import { type Command, useRegisteredCommands } from './commands.ts';
import { matching } from './palette-actions.ts';
import { useEarlyKeys } from './use-early-keys.ts';

/** Every command, every node with its mirrors, and every image whose list was loaded. Opens by Ctrl/⌘ K. */
export function Palette() {
  const t = useWords('shell');
  const [typed, setTyped] = useState('');
  const [opened, setOpened] = useState(false);
  const lines = usePaletteLines(opened);
  const shown = useMemo(() => grouped(matching(lines, typed)), [lines, typed]);
  useEarlyKeys(opened, setTyped);
  return (
    <Spotlight
      actions={shown}
      filter={(_, actions) => actions}
      query={typed}
      onQueryChange={setTyped}
      onSpotlightOpen={() => setOpened(true)}
      onSpotlightClose={() => setOpened(false)}
      nothingFound={t('palette-nothing')}
      shortcut={['mod + K']}
      tagsToIgnore={[]}
      scrollable
      maxHeight="24rem"
      transitionProps={{ duration: 100 }}
      attributes={{ content: { 'aria-label': t('palette') } }}
      searchProps={{
        leftSection: <Icon name="search" />,
        placeholder: t('palette-placeholder'),
        'aria-label': t('palette-placeholder'),
      }}
    />
  );
}

type PaletteLine = Omit<Command, 'words'> & { readonly words: readonly string[] };

function usePaletteLines(opened: boolean): readonly PaletteLine[] {
  const t = useWords('shell');
  const commands = useRegisteredCommands();
  const nodes = useSnapshot((snapshot) => (opened ? snapshot.nodes : undefined));
  const queries = useQueryClient();
  return useMemo(() => {
    if (!opened) return [];
    const pages = sections.map(
      (page): PaletteLine => ({
        id: `page-${page}`,
        title: t(`page-${page}`),
        group: t('palette-pages'),
        words: [page],
        run: () => go({ page }),
      }),
    );
    const places = (nodes ?? []).flatMap((node): PaletteLine[] => [
      {
        id: `node-${node.name}`,
        title: node.name,
        group: t('palette-nodes'),
        words: [node.address, t(`state-${node.state}`)],
        hint: node.address,
        run: () => go({ page: 'node', node: node.name }),
      },
      ...node.mirrors.map(
        ({ upstream, state }): PaletteLine => ({
          id: `mirror-${node.name}-${upstream}`,
          title: `${node.name} / ${upstream}`,
          group: t('palette-nodes'),
          words: [t(`state-${state}`)],
          run: () => go({ page: 'mirror', node: node.name, upstream }),
        }),
      ),
    ]);
    const images = queries.getQueriesData<CacheList>({ queryKey: ['cache', 'list'] }).flatMap(([, list]) =>
      (list?.images ?? []).map((image): PaletteLine => {
        const name = `${image.upstream}/${image.repository}${image.tag === undefined ? `@${image.digest}` : `:${image.tag}`}`;
        return {
          id: `image-${list?.node ?? ''}-${name}-${image.digest}`,
          title: name,
          group: t('palette-images'),
          words: [list?.node ?? ''],
          hint: list?.node ?? '',
          run: () => go({ page: 'cache', node: list?.node ?? '', search: name }),
        };
      }),
    );
    return [...pages, ...commands.map((command) => ({ ...command, words: command.words ?? [] })), ...places, ...images];
  }, [opened, commands, nodes, queries, t]);
}

/** The lines under their groups' headings, groups in the order of their best line. */
function grouped(lines: readonly PaletteLine[]): SpotlightActionGroupData[] {
  const groups = new Map<string, PaletteLine[]>();
  for (const line of lines) {
    const group = groups.get(line.group);
    if (group) group.push(line);
    else groups.set(line.group, [line]);
  }
  return [...groups].map(([group, members]) => ({
    group,
    actions: members.map(({ id, title, hint, run }) => ({
      id,
      label: title,
      onClick: run,
      ...(hint !== undefined && { description: hint }),
    })),
  }));
}
