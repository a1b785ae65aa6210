import { expect, test } from 'vitest';
import { guardTyping } from '../../../../renderer/door/half-typed.ts';

/** A page, and what was done in its field. */
class Field extends EventTarget {
  value = '';
  isConnected = true;
}

function pageWith(field: Field): { type(text: string): void; mayGo(): boolean } {
  const page = new EventTarget();
  guardTyping(page);
  return {
    type(text) {
      field.value = text;
      const event = new Event('input');
      Object.defineProperty(event, 'target', { value: field });
      page.dispatchEvent(event);
    },
    mayGo: () => page.dispatchEvent(new Event('beforeunload', { cancelable: true })),
  };
}

test('a page that nobody typed into may go to rest', () => {
  expect(pageWith(new Field()).mayGo()).toBe(true);
});

test('a field that is half filled in keeps the page, until it is emptied', () => {
  const page = pageWith(new Field());
  page.type('203.0.113.9');
  expect(page.mayGo()).toBe(false);
  page.type('');
  expect(page.mayGo()).toBe(true);
});

test('a field whose form was sent or left keeps nothing', () => {
  const field = new Field();
  const page = pageWith(field);
  page.type('203.0.113.9');
  field.isConnected = false;
  expect(page.mayGo()).toBe(true);
});
