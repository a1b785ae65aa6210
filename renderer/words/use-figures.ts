import * as figures from '../../preload/contract/figures.ts';
import type { Language } from '../../preload/contract/language.ts';
import { useLanguage, useWords, type Words } from './words.ts';

/** Every figure in the reader's language; see figures.ts for how each looks. */
export interface Figures {
  readonly bytes: (bytes: number | undefined) => string;
  readonly bytesOf: (part: number | undefined, whole: number | undefined) => string;
  readonly rate: (bytesPerSecond: number | undefined) => string;
  readonly ms: (ms: number | undefined) => string;
  readonly times: (times: number | undefined) => string;
  readonly count: (count: number | undefined) => string;
  /** A share of 0 to 1 as `97%`. */
  readonly percent: (share: number | undefined) => string;
  readonly span: (ms: number) => string;
  /** `4 min ago`, `just now` within the last seconds, `in 3 days` for what comes. */
  readonly ago: (at: number, now: number) => string;
  readonly moment: (at: number) => string;
  readonly day: (at: number) => string;
}

const justNowMs = 5000;

/** Made once for each language: every cell of a table asks for them. */
const made = new Map<Language, Figures>();

export function useFigures(): Figures {
  const language = useLanguage();
  const t = useWords('shell');
  const known = made.get(language) ?? figuresIn(language, t);
  made.set(language, known);
  return known;
}

function figuresIn(language: Language, t: Words<'shell'>): Figures {
  return {
    bytes: (bytes) => figures.bytesText(bytes, language),
    bytesOf: (part, whole) => figures.bytesOfText(part, whole, language),
    rate: (rate) => figures.rateText(rate, language),
    ms: (ms) => figures.msText(ms, language),
    times: (times) => figures.timesText(times, language),
    count: (count) => figures.countText(count, language),
    percent: (share) => figures.percentText(share, language),
    span: (ms) => figures.spanText(ms, language),
    ago: (at, now) => {
      if (Math.abs(now - at) < justNowMs) return t('just-now');
      const span = figures.spanText(Math.abs(now - at), language);
      return at > now ? t('in-span', { span }) : t('span-ago', { span });
    },
    moment: (at) => figures.momentText(at, language),
    day: (at) => figures.dayText(at, language),
  };
}
