import type { MenuItemConstructorOptions } from 'electron';
import { bytesText } from '../../preload/contract/figures.ts';
import { runtimeName } from '../../preload/contract/runtime-name.ts';
import type { TrayAction } from './tray-action.ts';
import type { EngineMark, TrayView } from './tray-view.ts';
import { lineText, rowText, shapes, type Speech, workText } from './tray-words.ts';

/** One line of the menu as plain values, so that two menus can be compared before one is set. A line without an action only tells. */
export interface MenuLine {
  readonly type: 'normal' | 'separator' | 'radio' | 'checkbox' | 'submenu';
  readonly label?: string;
  readonly enabled?: boolean;
  readonly checked?: boolean;
  readonly action?: TrayAction;
  readonly lines?: readonly MenuLine[];
}

const separator: MenuLine = { type: 'separator' };
const item = (label: string, action: TrayAction, enabled = true): MenuLine => ({
  type: 'normal',
  label,
  action,
  enabled,
});
const runtimesPage: TrayAction = { kind: 'open', hash: '#/runtimes' };

/** The whole menu. Pure, and without any question to anyone: it opens as fast with every node offline. */
export function trayMenu(view: TrayView, speech: Speech): MenuLine[] {
  const { words } = speech;
  return [
    ...header(view, speech),
    separator,
    ...ways(view, speech),
    ...tools(view, speech),
    item(words('open'), { kind: 'open' }),
    item(words('settings'), { kind: 'open', hash: '#/settings' }),
    item(words('quit'), { kind: 'quit' }),
  ];
}

/** The same in one line, for the pointer that rests on the picture. Pure. */
export function trayTooltip(view: TrayView, speech: Speech): string {
  return ['Mirrorfleet', ...truths(view, speech)].join('\n');
}

function truths(view: TrayView, speech: Speech): string[] {
  const { words } = speech;
  const { core, engines, lines } = view;
  if (core.state !== 'running') return [words(`core-${core.state}`)];
  return engines === 'some' ? lines.map((line) => lineText(line, speech)) : [words(`engines-${engines}`)];
}

function header(view: TrayView, speech: Speech): MenuLine[] {
  const { core, lines, work } = view;
  const said = truths(view, speech);
  return [
    ...said.map((text, at) => {
      const line = lines[at];
      if (core.state === 'starting') return item(text, { kind: 'open' });
      if (core.state !== 'running') return item(`▲ ${text}`, { kind: 'open' });
      return item(line ? `${shapes[line.mark]} ${text}` : text, runtimesPage);
    }),
    ...(core.state === 'stopped' ? [item(speech.words('start-core'), { kind: 'start-core' })] : []),
    ...(work
      ? [item(workText(work, speech), { kind: 'open', hash: work.kind === 'task' ? '#/activity' : '#/runtimes' })]
      : []),
  ];
}

function ways(view: TrayView, speech: Speech): MenuLine[] {
  const { rows, switchable, hasNodes, engines } = view;
  if (engines === 'unknown') return [];
  if (!hasNodes) return [item(speech.words('add-first-node'), { kind: 'open', hash: '#/add' }), separator];
  // Of radio items Electron checks the first one where none is; that would call direct what is not.
  const type: MenuLine['type'] = rows.some(({ chosen }) => chosen) ? 'radio' : 'checkbox';
  return [
    ...rows.map(
      (row): MenuLine => ({
        type,
        label: rowText(row, speech),
        checked: row.chosen,
        enabled: switchable,
        action: { kind: 'switch', route: row.route },
      }),
    ),
    separator,
  ];
}

function tools(view: TrayView, speech: Speech): MenuLine[] {
  const { words, language } = speech;
  const { core, marks, testable, prunableBytes, hasNodes } = view;
  if (core.state !== 'running') return [];
  const prune = prunableBytes ? words('prune-frees', { bytes: bytesText(prunableBytes, language) }) : words('prune');
  return [
    ...(marks.length > 0
      ? [
          {
            type: 'submenu' as const,
            label: words('runtimes', {
              engines: marks.map((mark) => `${runtimeName(mark.id)} ${tick(mark)}`).join(' · '),
            }),
            enabled: true,
            lines: marks.map((mark) => item(engineText(mark, speech), runtimesPage)),
          },
        ]
      : []),
    item(words('test-again'), { kind: 'test' }, testable),
    item(prune, { kind: 'open', hash: '#/cache?show=prune' }, hasNodes),
    separator,
  ];
}

/** ✓ is proven and nothing else. */
function tick({ mark }: EngineMark): string {
  if (mark === 'through') return '✓';
  return mark === 'degraded' || mark === 'down' ? shapes[mark] : '–';
}

function engineText({ id, line, idle }: EngineMark, speech: Speech): string {
  if (line) return lineText({ ...line, engines: [id] }, speech);
  return `${runtimeName(id)} · ${speech.words(`engine-${idle}`)}`;
}

/** The template as Electron wants it. */
export function menuOptions(
  lines: readonly MenuLine[],
  act: (action: TrayAction) => void,
): MenuItemConstructorOptions[] {
  return lines.map(({ type, label, enabled, checked, action, lines: inner }) => ({
    type,
    ...(label === undefined ? {} : { label: label.replaceAll('&', '&&') }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(checked === undefined ? {} : { checked }),
    ...(action === undefined ? {} : { click: () => act(action) }),
    ...(inner === undefined ? {} : { submenu: menuOptions(inner, act) }),
  }));
}
