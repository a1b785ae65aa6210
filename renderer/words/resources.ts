import type { Language } from '../../preload/contract/language.ts';
import type { ProblemSentence } from '../../preload/contract/problem-words.ts';
import activity from '../../resources/translations/en/activity.json' with { type: 'json' };
import add from '../../resources/translations/en/add.json' with { type: 'json' };
import cache from '../../resources/translations/en/cache.json' with { type: 'json' };
import fleet from '../../resources/translations/en/fleet.json' with { type: 'json' };
import mirror from '../../resources/translations/en/mirror.json' with { type: 'json' };
import node from '../../resources/translations/en/node.json' with { type: 'json' };
import problems from '../../resources/translations/en/problems.json' with { type: 'json' };
import runtimes from '../../resources/translations/en/runtimes.json' with { type: 'json' };
import sayings from '../../resources/translations/en/sayings.json' with { type: 'json' };
import settings from '../../resources/translations/en/settings.json' with { type: 'json' };
import shell from '../../resources/translations/en/shell.json' with { type: 'json' };
import steps from '../../resources/translations/en/steps.json' with { type: 'json' };
import zhActivity from '../../resources/translations/zh-CN/activity.json' with { type: 'json' };
import zhAdd from '../../resources/translations/zh-CN/add.json' with { type: 'json' };
import zhCache from '../../resources/translations/zh-CN/cache.json' with { type: 'json' };
import zhFleet from '../../resources/translations/zh-CN/fleet.json' with { type: 'json' };
import zhMirror from '../../resources/translations/zh-CN/mirror.json' with { type: 'json' };
import zhNode from '../../resources/translations/zh-CN/node.json' with { type: 'json' };
import zhProblems from '../../resources/translations/zh-CN/problems.json' with { type: 'json' };
import zhRuntimes from '../../resources/translations/zh-CN/runtimes.json' with { type: 'json' };
import zhSayings from '../../resources/translations/zh-CN/sayings.json' with { type: 'json' };
import zhSettings from '../../resources/translations/zh-CN/settings.json' with { type: 'json' };
import zhShell from '../../resources/translations/zh-CN/shell.json' with { type: 'json' };
import zhSteps from '../../resources/translations/zh-CN/steps.json' with { type: 'json' };

/** The words of each page by namespace (one file each); English is the measure of which keys there are. */
const english = { activity, add, cache, fleet, mirror, node, runtimes, sayings, settings, shell, steps };
/** Chinese has no singular of its own. */
const chinese: {
  [Name in keyof typeof english]: Readonly<Record<Exclude<keyof (typeof english)[Name], `${string}_one`>, string>>;
} = {
  activity: zhActivity,
  add: zhAdd,
  cache: zhCache,
  fleet: zhFleet,
  mirror: zhMirror,
  node: zhNode,
  runtimes: zhRuntimes,
  sayings: zhSayings,
  settings: zhSettings,
  shell: zhShell,
  steps: zhSteps,
};

export const resources = { en: english, 'zh-CN': chinese };

export type Namespace = keyof typeof english;

/** A plural is written `images_one`, `images_other` and asked for as `images`. */
type Asked<Key> = Key extends `${infer Base}_one` | `${infer Base}_other` ? Base : Key;
export type KeyOf<Name extends Namespace> = Asked<keyof (typeof english)[Name] & string>;

/**
 * Problems by code. English is what the problem itself says, but for hints that name commands where the pages have a button; Chinese is
 * complete.
 */
export const problemSentences: Readonly<Record<Language, Readonly<Record<string, ProblemSentence>>>> = {
  en: problems,
  'zh-CN': zhProblems,
};
