/** The part of a field that is looked at. */
interface Field {
  readonly value: string;
  readonly isConnected: boolean;
}

function fieldOf(target: EventTarget | null): (EventTarget & Field) | undefined {
  return target && 'value' in target && typeof target.value === 'string' && 'isConnected' in target
    ? (target as EventTarget & Field)
    : undefined;
}

/**
 * Keeps the page from being put to rest while somebody has begun to fill something in on it: a field that was typed into, still stands
 * there and is not empty. What was typed into a form that was sent or left is gone with its fields, so nothing has to tell.
 */
export function guardTyping(page: EventTarget): void {
  const typedInto = new Set<Field>();
  page.addEventListener('input', (event) => {
    const field = fieldOf(event.target);
    if (field) typedInto.add(field);
  });
  page.addEventListener('beforeunload', (event) => {
    for (const field of typedInto) if (!field.isConnected) typedInto.delete(field);
    if ([...typedInto].every(({ value }) => value === '')) return;
    event.preventDefault();
    // Before version 119 Chromium looks at this alone (measured with Electron 22).
    Reflect.set(event, 'returnValue', 'half-typed');
  });
}
