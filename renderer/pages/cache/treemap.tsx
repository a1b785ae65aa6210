import { useElementSize } from '@mantine/hooks';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { frameHeader, type Frame, type RepositoryShare, type Tile, treemapLayout } from './treemap-layout.ts';
import styles from './treemap.module.css';

/** The part of the cache a reader chose: an upstream, or repositories of it. */
export interface Part {
  readonly upstream: string;
  readonly repositories?: readonly string[] | undefined;
}

/** The shares of a cache, and which part of it is chosen; undefined is all of it. */
export interface PartChoice {
  readonly shares: readonly RepositoryShare[];
  readonly chosen: Part | undefined;
  readonly onChoose: (part: Part | undefined) => void;
}

/** Whether two parts are the same one. */
export function samePart(a: Part | undefined, b: Part | undefined): boolean {
  return a?.upstream === b?.upstream && a?.repositories?.join('\n') === b?.repositories?.join('\n');
}

const height = 240;

/**
 * Where the bytes are. One stop of the Tab key: arrows go from tile to tile, the biggest first, Enter or Space chooses; choosing again lets
 * go. The list beside it says the same in rows.
 */
export function Treemap({ shares, chosen, onChoose }: PartChoice) {
  const t = useWords('cache');
  const { ref, width } = useElementSize<HTMLDivElement>();
  const svg = useRef<SVGSVGElement>(null);
  const frames = useMemo(() => treemapLayout(shares, Math.floor(width), height), [shares, width]);
  const stops = useMemo(
    () => frames.flatMap((frame) => [partOf(frame), ...frame.tiles.filter(isSeen).map(partOf)]),
    [frames],
  );
  const [at, setAt] = useState(0);
  const active = Math.min(at, Math.max(0, stops.length - 1));

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -stops.length, End: stops.length }[
      event.key
    ];
    if (step !== undefined) {
      event.preventDefault();
      const next = Math.max(0, Math.min(stops.length - 1, active + step));
      setAt(next);
      svg.current?.querySelector<SVGElement>(`[data-stop="${String(next)}"]`)?.focus();
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      choose(stops[active]);
    }
  }

  function choose(part: Part | undefined): void {
    onChoose(samePart(part, chosen) ? undefined : part);
  }

  const stopOf = (part: Part) => stops.findIndex((each) => samePart(each, part));
  const shared = { active, chosen, stopOf, choose };
  return (
    <div ref={ref} className={styles.box} style={{ height }}>
      {/* A group of toggles, each with its own name. */}
      <svg ref={svg} width="100%" height={height} role="group" aria-label={t('where-bytes')} onKeyDown={onKeyDown}>
        {frames.map((frame) => (
          <FrameDrawing key={frame.upstream} frame={frame} {...shared} />
        ))}
      </svg>
    </div>
  );
}

interface Shared {
  readonly active: number;
  readonly chosen: Part | undefined;
  readonly stopOf: (part: Part) => number;
  readonly choose: (part: Part) => void;
}

function FrameDrawing({ frame, ...shared }: { readonly frame: Frame } & Shared) {
  const { bytes } = useFigures();
  return (
    <>
      <Toggle box={frame} part={partOf(frame)} {...shared} name={frame.upstream} kind="frame">
        <text x={frame.x + 6} y={frame.y + 14} className={styles.upstream}>
          {fits(`${frame.upstream} · 000 GB`, frame.width)
            ? `${frame.upstream} · ${bytes(frame.bytes)}`
            : shortened(frame.upstream, frame.width)}
        </text>
      </Toggle>
      {frame.tiles.filter(isSeen).map((tile) => (
        <TileDrawing key={tile.repositories[0]} tile={tile} {...shared} />
      ))}
    </>
  );
}

function TileDrawing({ tile, ...shared }: { readonly tile: Tile } & Shared) {
  const t = useWords('cache');
  const { bytes } = useFigures();
  const [first = ''] = tile.repositories;
  const name = tile.repositories.length === 1 ? first : t('others', { count: tile.repositories.length });
  const short = shortened(name, tile.width);
  return (
    <Toggle box={tile} part={partOf(tile)} {...shared} name={name} kind="tile">
      {tile.height > 18 && short !== '' && (
        <text x={tile.x + 6} y={tile.y + 15} className={styles.name}>
          {short}
        </text>
      )}
      {tile.height > 34 && fits('000 GB', tile.width) && (
        <text x={tile.x + 6} y={tile.y + 30} className={styles.bytes}>
          {bytes(tile.bytes)}
        </text>
      )}
    </Toggle>
  );
}

function Toggle({
  box,
  part,
  name,
  kind,
  active,
  chosen,
  stopOf,
  choose,
  children,
}: {
  readonly box: Pick<Frame, 'x' | 'y' | 'width' | 'height' | 'bytes' | 'images'>;
  readonly part: Part;
  readonly name: string;
  readonly kind: 'frame' | 'tile';
  readonly children: React.ReactNode;
} & Shared) {
  const t = useWords('cache');
  const { bytes } = useFigures();
  const stop = stopOf(part);
  const said = t('tile', { name, size: bytes(box.bytes), count: box.images });
  return (
    <>
      <g
        role="button"
        tabIndex={stop === active ? 0 : -1}
        data-stop={stop}
        aria-pressed={samePart(part, chosen)}
        aria-label={said}
        className={styles.stop}
        data-kind={kind}
        onClick={() => choose(part)}
      >
        <title>{said}</title>
        <rect
          x={box.x}
          y={box.y}
          width={box.width}
          height={kind === 'frame' ? Math.min(frameHeader, box.height) : box.height}
        />
      </g>
      {/* The toggle is named whole; what fits of the name is drawn over it for the eye. */}
      <g aria-hidden="true" className={styles.label}>
        {children}
      </g>
    </>
  );
}

function partOf(drawn: Frame | Tile): Part {
  return 'tiles' in drawn
    ? { upstream: drawn.upstream }
    : { upstream: drawn.upstream, repositories: drawn.repositories };
}

function isSeen(tile: Tile): boolean {
  return tile.width > 0 && tile.height > 0;
}

/** A letter of the page's small text is about this wide, px; room for the margins is taken off. */
const letter = 6.7;

function fits(text: string, width: number): boolean {
  return text.length * letter + 12 <= width;
}

/** The name as far as it fits; of a path the last part is the one that tells most. */
function shortened(name: string, width: number): string {
  if (fits(name, width)) return name;
  const last = name.split('/').at(-1) ?? name;
  if (fits(last, width)) return last;
  const room = Math.floor((width - 12) / letter) - 1;
  return room < 3 ? '' : `${last.slice(0, room)}…`;
}
