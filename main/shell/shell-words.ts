import i18next from 'i18next';
import { type Language, languages } from '../../preload/contract/language.ts';
import type { Problem } from '../../preload/contract/problem.ts';
import { type ProblemSentence, type ProblemWords, problemWords } from '../../preload/contract/problem-words.ts';
import type { Task, TaskStep } from '../../preload/contract/task.ts';
import english from '../../resources/translations/en/desktop.json' with { type: 'json' };
import englishProblems from '../../resources/translations/en/problems.json' with { type: 'json' };
import chinese from '../../resources/translations/zh-CN/desktop.json' with { type: 'json' };
import chineseProblems from '../../resources/translations/zh-CN/problems.json' with { type: 'json' };
import chineseSteps from '../../resources/translations/zh-CN/steps.json' with { type: 'json' };

/** The files of words that the shell speaks from; English is the measure of which keys there are. */
interface Spoken {
  readonly desktop: typeof english;
}
type Asked<Key> = Key extends `${infer Base}_one` | `${infer Base}_other` ? Base : Key;
export type KeyOf<Name extends keyof Spoken> = Asked<keyof Spoken[Name] & string>;

/** Says the words of a file in one language: `words('quit')`, `words('switching', { route: 'tokyo' })`. A key that is not there does not compile. */
export type Words<Name extends keyof Spoken> = (
  key: KeyOf<Name>,
  values?: Readonly<Record<string, string | number>>,
) => string;

/** An instance of the shell's own: nothing is fetched, nothing is kept in the process beside it. */
const instance = i18next.createInstance();
void instance.init({
  fallbackLng: 'en',
  supportedLngs: languages,
  ns: ['desktop', 'steps'],
  defaultNS: 'desktop',
  resources: { en: { desktop: english }, 'zh-CN': { desktop: chinese, steps: chineseSteps } },
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false },
  initAsync: false,
});

function speaking(language: Language): Words<'desktop'> {
  const t = instance.getFixedT(language, 'desktop');
  // What takes no values is said once: a menu of twenty nodes is made several times a second while they are measured.
  const plain = new Map<string, string>();
  return (key, values) => {
    if (values) return String(t(key, values));
    const said = plain.get(key) ?? String(t(key));
    plain.set(key, said);
    return said;
  };
}
const spoken: Readonly<Record<Language, Words<'desktop'>>> = { en: speaking('en'), 'zh-CN': speaking('zh-CN') };

/** The words of tray, menus, notifications and dialogs in a language. Pure. */
export function wordsFor(language: Language): Words<'desktop'> {
  return spoken[language];
}

const problemSentences: Readonly<Record<Language, Readonly<Record<string, ProblemSentence>>>> = {
  en: englishProblems,
  'zh-CN': chineseProblems,
};

/** A problem in a language, where that has a sentence for its code. Pure. */
export function problemIn(problem: Problem, language: Language): ProblemWords {
  return problemWords(problem, problemSentences[language][problem.code]);
}

/** What a job is: English is the title that the core gave it. Pure. */
export function taskTitle(
  { kind, subject, title }: Pick<Task, 'kind' | 'subject' | 'title'>,
  language: Language,
): string {
  return language === 'en' ? title : String(instance.getFixedT(language, 'steps')(`task-${kind}`, { subject }));
}

/** What a step is, by its id in the reader's language, else the label the core gave it (`image:registry` is asked for as `image`). Pure. */
export function stepLabel({ id, label }: Pick<TaskStep, 'id' | 'label'>, language: Language): string {
  if (language === 'en') return label;
  const [name = id, what = ''] = id.split(':', 2);
  return String(instance.getFixedT(language, 'steps')(`step-${name}`, { what, defaultValue: label }));
}
