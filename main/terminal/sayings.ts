import type { Saying } from '../../preload/contract/saying.ts';
import type { Task } from '../../preload/contract/task.ts';
import english from '../../resources/translations/en/sayings.json' with { type: 'json' };
import { spanInWords } from '../fleet/status-words.ts';
import { bytesText } from './figures.ts';

const sentences: Readonly<Record<string, string>> = english;

/** What a {@link Saying} says, in the words of the command line. A code without a sentence is shown itself: it still names the thing. */
export function say({ code, values = {} }: Saying): string {
  const sentence = sentences[code] ?? code;
  return sentence.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : inWords(name, value);
  });
}

/** One figure of a task's outcome: a saying in words, anything else as it is; nothing for one that is not there. */
export function outcomeText(figure: NonNullable<Task['outcome']>[string] | undefined): string {
  return typeof figure === 'object' ? say(figure) : String(figure ?? '');
}

function inWords(name: string, value: string | number): string {
  if (typeof value === 'string') return value;
  if (name.endsWith('Ms')) return spanInWords(value);
  if (name.endsWith('Bytes')) return bytesText(value);
  if (name.endsWith('At')) return new Date(value).toISOString();
  return String(value);
}
