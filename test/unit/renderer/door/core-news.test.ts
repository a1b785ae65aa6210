import { expect, test } from 'vitest';
import type { CoreState, ShellState } from '../../../../preload/contract/shell.ts';
import type { ConnectionState } from '../../../../renderer/core/live.ts';
import { type CoreNews, coreNews, versionsDiffer } from '../../../../renderer/door/core-news.ts';

const shell = (core: Partial<CoreState>): ShellState => ({
  version: '0.2.0',
  core: { state: 'running', own: true, ...core },
  preferences: { theme: 'system', language: 'system', openAtLogin: false, notifications: true },
  tray: true,
});

test.each<[ConnectionState, CoreState['state'] | undefined, CoreNews]>([
  ['connecting', undefined, 'none'],
  ['open', undefined, 'none'],
  ['lost', undefined, 'lost'],
  ['refused', undefined, 'refused'],
  ['connecting', 'starting', 'none'],
  ['open', 'running', 'none'],
  // The line broke, the process did not.
  ['lost', 'running', 'lost'],
  ['lost', 'starting', 'lost'],
  // The app knows before the line does.
  ['open', 'lost', 'ended'],
  ['lost', 'lost', 'ended'],
  ['lost', 'stopped', 'stopped'],
  ['connecting', 'stopped', 'stopped'],
])('a line that is %s to a core that is %s: %s', (connection, state, news) => {
  expect(coreNews(connection, state && shell({ state }))).toBe(news);
});

test('two versions are said only of a core that is there and has said its own', () => {
  expect(versionsDiffer(shell({ version: '0.1.0' }))).toBe(true);
  expect(versionsDiffer(shell({ version: '0.2.0' }))).toBe(false);
  expect(versionsDiffer(shell({}))).toBe(false);
  expect(versionsDiffer(shell({ state: 'lost', version: '0.1.0' }))).toBe(false);
});
