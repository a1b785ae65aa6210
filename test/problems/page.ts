import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import chinese from '../../resources/translations/zh-CN/problems.json' with { type: 'json' };
import { coreProblems, type WrittenProblem } from '../unit/translations/problem-codes.ts';
import { leftAsItWas } from './left-as-it-was.ts';
import { sentenceOf } from './sentence.ts';

const inChinese: Readonly<Record<string, { readonly message: string; readonly hint: string }>> = chinese;

/** One problem as the page has it: all that it may say in English, and how things are left. */
export interface ToldProblem {
  readonly code: string;
  readonly messages: readonly string[];
  readonly hints: readonly string[];
  /** Undefined where neither the problem nor the list says it. */
  readonly left: string | undefined;
  /** Whether each of its messages says by itself what was not touched. */
  readonly saysItself: boolean;
}

/** A reason that stands in the source without the sentence around it. */
function framed({ code, file }: WrittenProblem, reason: string): string {
  if (file.includes('/daemon-json') && /^its? |^"|^the key/.test(reason))
    return `Docker's daemon.json cannot be edited: ${reason}. It was left unchanged.`;
  if (file.endsWith('/containerd-config.ts') && reason.startsWith('it'))
    return `containerd’s config.toml cannot be used: ${reason}. Nothing was changed.`;
  if (reason.startsWith('was ')) {
    const subject = code.startsWith('activity') ? 'The journal of activity' : 'The history of measurements';
    return `${subject} ${reason}; it was moved to ‹aside› and a new one was begun. Nodes, settings and secrets are untouched.`;
  }
  return reason;
}

/** Sentences of a message that say what was not touched. */
const untouched =
  /\b(nothing (was|is)\b|no cached file was removed|(left|is|are|be) as (it is|it was|they|before)|was left unchanged|(was|were) not (changed|used|read|contacted|logged)|no secret was read|not served|put back|thrown away|are untouched|still there|works? on\b|the core itself runs|is (either )?the old or the new|previous files are back|taken out\b|stays as it is|taken back|its new rules are in place)/i;

/** All problems of the core, by code. */
export function toldProblems(root: string): ToldProblem[] {
  const found = new Map<string, { messages: Set<string>; hints: Set<string> }>();
  for (const each of coreProblems(root)) {
    const file = readFileSync(join(root, each.file), 'utf8');
    const { messages, hints } = found.get(each.code) ?? { messages: new Set(), hints: new Set() };
    const [message, hint] = [framed(each, sentenceOf(each.message, file)), sentenceOf(each.hint, file)];
    if (message !== '') messages.add(message);
    if (hint !== '') hints.add(hint);
    found.set(each.code, { messages, hints });
  }
  return [...found]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, { messages, hints }]) => {
      const saysItself = [...messages].every((each) => untouched.test(each));
      const left = leftAsItWas[code] ?? (saysItself ? 'As the sentence says.' : undefined);
      return { code, messages: [...messages], hints: [...hints], left, saysItself };
    });
}

/** `docs/problems.md`. Pure but for reading the source. */
export function problemsPage(root: string): string {
  const told = toldProblems(root);
  const entries = told.flatMap(({ code, messages, hints, left }) => [
    '',
    `## ${code}`,
    '',
    ...messages.map((each) => `* ${each}`),
    `* ${inChinese[code]?.message ?? ''}`,
    '',
    `Left as it was: ${left ?? ''}`,
    '',
    `Way out: ${hints.join(' *or* ')}`,
    '',
    `出路：${inChinese[code]?.hint ?? ''}`,
  ]);
  return [
    '# Problems',
    '',
    `Everything that can go wrong and is expected to: ${told.length} problems, each with a code that stays the same in every version, what it says`,
    'in English and 中文, how things are left, and the way out. ‹Words› in angle quotes are filled in; what stands in [brackets] is said where it applies.',
    '',
    'This page is made from the source by `npm run docs:problems`; a test holds it to it, and another that each of these problems is made to happen.',
    ...entries.map((line) => line.replaceAll('<', '&lt;')),
    '',
  ].join('\n');
}
