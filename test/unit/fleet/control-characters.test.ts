import { expect, test } from 'vitest';
import { shownName, shownText } from '../../../main/fleet/control-characters.ts';

test.each([
  ['tab and newline stay', 'a\tb\nc', 'a\tb\nc', 'a\tb\nc'],
  ['other letters stay', 'ä 中 🙂 \u00a0', 'ä 中 🙂 \u00a0', 'ä 中 🙂 \u00a0'],
  ['the first and the last of the controls go', '\u0000\u001f\u007f\u009f', '', '\ufffd\ufffd\ufffd\ufffd'],
  ['those beside tab and newline go', '\u0008\u000b\r', '', '\ufffd\ufffd\ufffd'],
  ['a sequence loses its beginning', 'a\u001b[2Jb\u009b2J', 'a[2Jb2J', 'a\ufffd[2Jb\ufffd2J'],
])('what is shown of a server’s words: %s', (_, words, text, name) => {
  expect([shownText(words), shownName(words)]).toEqual([text, name]);
});
