import { assertNever } from '../../preload/contract/assert-never.ts';
import { msText, spanText } from '../../preload/contract/figures.ts';
import type { Language } from '../../preload/contract/language.ts';
import type { Route, RuntimeId } from '../../preload/contract/runtime.ts';
import { runtimeName } from '../../preload/contract/runtime-name.ts';
import type { RouteLine, RouteMark, RouteRemark } from './route-lines.ts';
import type { RouteRow } from './route-rows.ts';
import { problemIn, stepLabel, taskTitle, type Words } from './shell-words.ts';
import type { WorkLine } from './tray-work.ts';

/** How the tray says things: a language, its words, and the time that ages are counted to (ms since 1970). */
export interface Speech {
  readonly language: Language;
  readonly words: Words<'desktop'>;
  readonly now: number;
}

/** The shape before a line of the header; the same shapes as the tray's pictures. */
export const shapes: Readonly<Record<RouteMark, string>> = {
  through: '●',
  degraded: '◐',
  down: '▲',
  direct: '○',
  other: '○',
};

const dot = ' · ';
const namesOf = (engines: readonly RuntimeId[]): string => engines.map(runtimeName).join(', ');

export function routeText(route: Route, { words }: Pick<Speech, 'words'>): string {
  return route.length === 0 ? words('direct') : route.join(', ');
}

/** What is true now of one way: `Docker → tokyo · 84 ms`, `Docker → tokyo · tokyo is down`. Pure. */
export function lineText(line: RouteLine, speech: Speech): string {
  const { words, language } = speech;
  const { engines, route, remark, ms } = line;
  const to =
    route === undefined ? words(remark.kind === 'foreign' ? 'foreign' : 'not-known') : routeText(route, speech);
  const figure = ms === undefined ? [] : [msText(ms, language)];
  return [`${namesOf(engines)} → ${to}`, ...figure, ...remarkText(remark, speech)].join(dot);
}

function remarkText(remark: RouteRemark, { words, language, now }: Speech): string[] {
  switch (remark.kind) {
    case 'well':
    case 'direct':
    case 'foreign':
    case 'unknown':
      return [];
    case 'slow':
      return [words('state-slow')];
    case 'degraded':
      return [words('state-degraded')];
    case 'unproven':
      return [words('unproven')];
    case 'interrupted':
      return [words('interrupted')];
    case 'down':
      return [words(remark.others ? 'node-down-others' : 'node-down', { node: remark.node })];
    case 'unseen':
      if (remark.seenAt === undefined) return [words('node-never-seen', { node: remark.node })];
      return [words('node-last-seen', { node: remark.node, span: spanText(now - remark.seenAt, language) })];
    default:
      return assertNever(remark);
  }
}

/** A way to choose with its figure: `tokyo · 84 ms`, `home-lab · 640 ms · ▲ slow`. Pure. */
export function rowText({ kind, route, ms, state }: RouteRow, { words, language }: Speech): string {
  const name = kind === 'direct' ? words('direct-row') : kind === 'fastest' ? words('fastest') : route.join(', ');
  const figure = ms === undefined ? [] : [msText(ms, language)];
  if (state === undefined || state === 'up') return [name, ...figure].join(dot);
  const shape = state === 'degraded' ? '◐' : state === 'unknown' ? '–' : '▲';
  return [name, ...figure, `${shape} ${words(`state-${state}`)}`].join(dot);
}

/** A menu as wide as a sentence hides what is beside it; the whole text is in the window that a click opens. */
const longest = 72;
const short = (text: string): string => (text.length <= longest ? text : `${text.slice(0, longest - 1).trimEnd()}…`);

/** What is said of work under way, or of how it ended. Pure. */
export function workText(work: WorkLine, speech: Speech): string {
  const { words, language } = speech;
  switch (work.kind) {
    case 'switching':
    case 'testing': {
      const head =
        work.kind === 'testing' ? words('testing') : words('switching', { route: routeText(work.route, speech) });
      const count = work.of > 1 ? [words('done-of', { done: work.done, all: work.of })] : [];
      const step = work.step ? [stepLabel(work.step, language)] : [];
      return [head, ...count, ...step].join(dot).replace(`…${dot}`, '… ');
    }
    case 'switched': {
      const values = { route: routeText(work.route, speech) };
      return `✓ ${words(work.proven ? 'switched-proven' : 'switched', values)}`;
    }
    case 'already':
      return `✓ ${words('already', { route: routeText(work.route, speech) })}`;
    case 'tested':
      return `✓ ${words(work.engines > 0 ? 'tested' : 'measured')}`;
    case 'cancelled':
      return words('cancelled');
    case 'switch-failed':
    case 'test-failed': {
      const what =
        work.kind === 'test-failed'
          ? words('test-failed')
          : words('switch-failed', { route: routeText(work.route, speech) });
      return short(`✕ ${what}${dot}${problemIn(work.problem, language).message}`);
    }
    case 'task': {
      const title = `${taskTitle(work.task, language)}…`;
      return work.more > 0 ? `${title} ${words('and-more', { count: work.more })}` : title;
    }
    default:
      return assertNever(work);
  }
}
