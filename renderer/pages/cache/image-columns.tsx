import type { Column } from '../../parts/data-table.tsx';
import { Bytes } from '../../parts/figure.tsx';
import { Icon } from '../../parts/icons.tsx';
import { useNow } from '../../parts/now.ts';
import { useFigures } from '../../words/use-figures.ts';
import type { Words } from '../../words/words.ts';
import type { PinState } from './image-pins.ts';
import { byFigure, byName, type ImageRow, versionText } from './image-row.ts';
import styles from './image-table.module.css';

/** How the table stands: whether images of several nodes are in it, and whether the window is narrow. */
interface Standing {
  readonly manyNodes: boolean;
  readonly narrow: boolean;
  readonly pinOf: (row: ImageRow) => PinState;
  readonly onPin: (row: ImageRow) => void;
}

/** The columns of the table of images. The node has its own only where several are shown; a narrow window has what one decides by. */
export function imageColumns(
  t: Words<'cache'>,
  { manyNodes, narrow, pinOf, onPin }: Standing,
): readonly Column<ImageRow>[] {
  const columns: readonly Column<ImageRow>[] = [
    {
      id: 'image',
      title: t('column-image'),
      width: narrow ? 'minmax(11rem, 1fr)' : 'minmax(15rem, 1fr)',
      cell: ({ name, image }) => (
        <span className={styles.name} title={name}>
          <span className={styles.upstream}>{image.upstream}/</span>
          {image.repository}
          <span className={styles.version}>{image.tag === undefined ? versionText(image) : `:${image.tag}`}</span>
        </span>
      ),
      compare: byName,
    },
    ...(manyNodes
      ? [
          {
            id: 'node',
            title: t('column-node'),
            width: '7.5rem',
            cell: ({ node }: ImageRow) => <span className={styles.name}>{node}</span>,
            compare: (a: ImageRow, b: ImageRow) => (a.node < b.node ? -1 : a.node > b.node ? 1 : byName(a, b)),
          },
        ]
      : []),
    {
      id: 'platforms',
      title: t('column-platforms'),
      width: '8rem',
      cell: ({ image }) => (
        <span className={styles.name} title={image.platforms?.join(', ')}>
          {platformText(image.platforms)}
        </span>
      ),
    },
    {
      id: 'size',
      title: t('column-size'),
      width: '5.5rem',
      align: 'end',
      cell: ({ image }) => <Bytes value={image.bytes} />,
      compare: byFigure((image) => image.bytes),
    },
    {
      id: 'exclusive',
      title: t('column-exclusive'),
      hint: t('column-exclusive-hint'),
      width: '6.5rem',
      align: 'end',
      cell: ({ image }) => <Bytes value={image.exclusiveBytes} />,
      compare: byFigure((image) => image.exclusiveBytes),
    },
    {
      id: 'used',
      title: t('column-used'),
      width: '7.5rem',
      align: 'end',
      cell: ({ image }) => (image.lastUse === 0 ? '–' : <UsedAt at={image.lastUse} />),
      compare: byFigure((image) => image.lastUse),
    },
    {
      id: 'pin',
      title: t('column-pin'),
      hint: t('column-pin-hint'),
      width: '3.5rem',
      cell: (row) => <PinButton name={row.name} pin={pinOf(row)} t={t} onPin={() => onPin(row)} />,
      open: (row) => {
        onPin(row);
        return true;
      },
    },
  ];
  const dropped = narrow ? (manyNodes ? ['platforms', 'exclusive'] : ['platforms']) : [];
  return columns.filter((column) => !dropped.includes(column.id));
}

function PinButton({ name, pin, t, onPin }: { name: string; pin: PinState; t: Words<'cache'>; onPin: () => void }) {
  const said =
    pin.kind === 'none'
      ? t('pin', { name })
      : pin.kind === 'image'
        ? t('unpin', { name })
        : t('unpin-repository', { name: pin.pin });
  // Thousands of these pass by while one scrolls: the browser's own button and hint, which cost nothing until they are needed.
  return (
    <button
      type="button"
      tabIndex={-1}
      title={said}
      aria-label={said}
      aria-pressed={pin.kind !== 'none'}
      className={styles.pin}
      onClick={onPin}
    >
      <Icon name="pin" size={14} />
    </button>
  );
}

/** How long ago an image was used, by a clock that goes in minutes; the moment itself on hover. A server's clock may be a little ahead. */
function UsedAt({ at }: { readonly at: number }) {
  const { ago, moment } = useFigures();
  const now = useNow(60_000);
  return (
    <time dateTime={new Date(at).toISOString()} title={moment(at)}>
      {ago(at, Math.max(at, now))}
    </time>
  );
}

/** `amd64, arm64`: the system is said only where it is not Linux. */
function platformText(platforms: readonly string[] | undefined): string {
  if (platforms === undefined || platforms.length === 0) return '–';
  return platforms.map((platform) => platform.replace(/^linux\//, '')).join(', ');
}
