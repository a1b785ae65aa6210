import { assertNever } from '../../preload/contract/assert-never.ts';
import { runtimeName } from '../../preload/contract/runtime-name.ts';
import type { Notice } from './notice.ts';
import { problemIn, taskTitle } from './shell-words.ts';
import type { TrayAction } from './tray-action.ts';
import type { Speech } from './tray-words.ts';

/** A notice as it is shown: what happened, what it means, the way out as a button, and where a click on the rest leads. */
export interface NoticeText {
  readonly title: string;
  readonly body: string;
  readonly way: { readonly label: string; readonly action: TrayAction } | undefined;
  readonly click: TrayAction;
}

const open = (hash: string): TrayAction => ({ kind: 'open', hash });
const nodePage = (node: string, show = ''): string => `#/fleet/${encodeURIComponent(node)}${show}`;

export function noticeText(notice: Notice, { words, language }: Pick<Speech, 'words' | 'language'>): NoticeText {
  switch (notice.kind) {
    case 'node-down': {
      const { node, users, next } = notice;
      const engines = users.map(runtimeName).join(', ');
      const diagnosis = open(nodePage(node, '?show=diagnosis'));
      const title = words('node-down', { node });
      const diagnose = { label: words('diagnose'), action: diagnosis };
      if (users.length === 0) return { title, body: words('node-down-unused'), way: diagnose, click: diagnosis };
      if (next !== undefined)
        return { title, body: words('node-down-next', { engines, next }), way: diagnose, click: diagnosis };
      return {
        title,
        body: words('node-down-used', { engines }),
        way: { label: words('switch-to-direct'), action: { kind: 'switch', route: [] } },
        click: open('#/runtimes?route=direct'),
      };
    }
    case 'node-degraded': {
      const { node } = notice;
      const place = open(nodePage(node));
      return {
        title: words('node-degraded', { node }),
        body: words('node-degraded-body'),
        way: { label: words('diagnose'), action: open(nodePage(node, '?show=diagnosis')) },
        click: place,
      };
    }
    case 'node-back': {
      const { node, offer } = notice;
      const action: TrayAction = { kind: 'switch', route: [node] };
      const way = { label: words('switch-to', { node }), action };
      return {
        title: words('node-back', { node }),
        body: words(offer ? 'node-back-offer' : 'node-back-body'),
        way: offer ? way : undefined,
        click: open(offer ? `#/runtimes?route=${encodeURIComponent(node)}` : nodePage(node)),
      };
    }
    case 'route-lost': {
      const engine = runtimeName(notice.engine);
      return {
        title: words('route-lost', { engine, route: notice.route.join(', ') }),
        body: words('route-lost-body'),
        way: { label: words('look'), action: open('#/runtimes') },
        click: open('#/runtimes'),
      };
    }
    case 'disk-full': {
      const place = open(`#/cache?node=${encodeURIComponent(notice.node)}&show=prune`);
      const { message } = problemIn(notice.problem, language);
      return {
        title: words('disk-full', { node: notice.node }),
        body: message,
        way: { label: words('prune'), action: place },
        click: place,
      };
    }
    case 'task-failed': {
      const { task } = notice;
      const place = open(`#/activity?subject=${encodeURIComponent(task.subject)}`);
      return {
        title: words(task.state === 'interrupted' ? 'task-interrupted' : 'task-failed', {
          task: taskTitle(task, language),
        }),
        body: task.problem ? problemIn(task.problem, language).message : '',
        way: { label: words('look'), action: place },
        click: place,
      };
    }
    case 'core-stopped': {
      const body = notice.problem ? problemIn(notice.problem, language).message : words('core-stopped-body');
      return {
        title: words('core-stopped'),
        body,
        way: { label: words('show-log'), action: { kind: 'show-log' } },
        click: { kind: 'open' },
      };
    }
    default:
      return assertNever(notice);
  }
}
