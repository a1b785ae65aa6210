import type { Saying } from '../../preload/contract/saying.ts';
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

function inWords(name: string, value: string | number): string {
  if (typeof value === 'string') return value;
  if (name.endsWith('Ms')) return spanInWords(value);
  if (name.endsWith('Bytes')) return bytesText(value);
  if (name.endsWith('At')) return new Date(value).toISOString();
  return String(value);
}
