import { ORPCError } from '@orpc/client';
import { expect, test } from 'vitest';
import { problemOf } from '../../../../renderer/core/problems.ts';
import { same } from '../../../../renderer/core/same.ts';
import { enter, forgetSession, type EntranceWindow } from '../../../../renderer/core/session.ts';

/** A window with an address, whose core answers the exchange with `status`. */
function page(hash: string, status: number, kept: Record<string, string> = {}) {
  const asked: string[] = [];
  const shown: string[] = [];
  const window: EntranceWindow = {
    location: { hash, pathname: '/', search: '' },
    history: { replaceState: (_state, _title, url) => void shown.push(String(url)) },
    sessionStorage: {
      getItem: (key) => kept[key] ?? null,
      setItem: (key, value) => void (kept[key] = value),
      removeItem: (key) => void delete kept[key],
    },
    fetch: async (path, init) => {
      asked.push(`${init.method} ${path} ${new Headers(init.headers).get('authorization')}`);
      return { status, json: async () => 'the-session' };
    },
  };
  return { window, asked, shown, kept };
}

test('the token leaves the address at once and is exchanged once for a session that is kept', async () => {
  const { window, asked, shown, kept } = page('#token=once', 200);
  const session = enter(window);
  expect(shown).toEqual(['/']);
  expect(asked).toEqual([]);
  expect([await session(), await session()]).toEqual(['the-session', 'the-session']);
  expect(asked).toEqual(['POST /session Bearer once']);
  forgetSession(window);
  expect(kept).toEqual({});
});

test('a used token falls back on the session of the tab, and without one there is no way in', async () => {
  const back = page('#token=used', 403, { 'mirrorfleet-session': 'kept' });
  expect(await enter(back.window)()).toBe('kept');
  const stranger = page('#token=used', 403);
  await expect(enter(stranger.window)()).rejects.toMatchObject({ problem: { code: 'session-ended' } });
});

test('an address without a token is left as it is', async () => {
  const { window, asked, shown } = page('#/cache', 200, { 'mirrorfleet-session': 'kept' });
  expect(await enter(window)()).toBe('kept');
  expect([asked, shown]).toEqual([[], []]);
});

const problem = { code: 'node-unknown', message: 'm', hint: 'h', retryable: false };
test.each([
  [new ORPCError('PROBLEM', { data: problem }), 'node-unknown'],
  [new ORPCError('BAD_REQUEST', { data: { issues: [{ message: 'too short', path: ['name'] }] } }), 'input-invalid'],
  [new ORPCError('INTERNAL_SERVER_ERROR'), 'internal-error'],
  [new Error('Cannot send message, WebSocket is not open.'), 'core-gone'],
  [new DOMException('[AsyncIdQueue] Queue[1] was closed or aborted', 'AbortError'), 'core-gone'],
  [new TypeError('x is not a function'), 'internal-error'],
])('%s is shown as %s %s', (error, code) => {
  expect(problemOf(error).code).toBe(code);
});

test.each([
  [1, 1, true],
  ['a', 'b', false],
  [[1, 2], [1, 2], true],
  [[1, 2], [1], false],
  [{ a: 1 }, { a: 1 }, true],
  [{ a: 1 }, { b: 1 }, false],
  [{ a: undefined }, {}, false],
  [[], {}, false],
  [new Map([[1, 2]]), new Map([[1, 3]]), false],
  [{ a: [1] }, { a: [1] }, false],
])('%o and %o: same is %s', (a, b, answer) => {
  expect(same(a, b)).toBe(answer);
});
