import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createOutput } from '../../../main/terminal/output.ts';

function printed(json: boolean): string {
  const err = new PassThrough();
  const output = createOutput({ out: new PassThrough(), err }, { json, env: {} });
  output.problem({
    code: 'foreign-files',
    message: 'It holds a\u001b[2Jb.',
    hint: 'Move\u009bit.',
    retryable: false,
    detail: { found: 'x\r\n\u001b]0;title\u0007\ty\n' },
  });
  return String(err.read());
}

test('a problem with a server’s words in it never steers the terminal', () => {
  expect(printed(false)).toBe('✕ It holds a[2Jb.\n  Moveit.\n  (foreign-files)\n  found: x\n    ]0;title\ty\n    \n');
});

test('a problem for a program is handed over as it is', () => {
  expect(JSON.parse(printed(true))).toMatchObject({ problem: { message: 'It holds a\u001b[2Jb.' } });
});
