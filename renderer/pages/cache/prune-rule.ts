import { type PrunePolicy, standardPrune } from '../../../preload/contract/cache.ts';

export type RuleKind = 'older-than' | 'to-size' | 'all';

/** The rule as typed: numbers are kept as text until they are right. Days, and gigabytes of 10⁹ bytes as everywhere in the app. */
export interface RuleForm {
  readonly kind: RuleKind;
  readonly days: string;
  readonly gigabytes: string;
}

/** The rule a page begins with: the standard one. */
export const firstRule: RuleForm = {
  kind: standardPrune.kind,
  days: String(standardPrune.seconds / 86_400),
  gigabytes: '10',
};

export type RuleError = 'days-wrong' | 'size-wrong';

/** A gigabyte of the app: decimal, like `docker images` and disk makers. */
export const gigabyte = 1_000_000_000;

/** The policy of a rule, or which field is wrong. */
export function policyOf(form: RuleForm): { readonly policy: PrunePolicy } | { readonly error: RuleError } {
  switch (form.kind) {
    case 'all':
      return { policy: { kind: 'all' } };
    case 'older-than': {
      const days = numberOf(form.days);
      if (days === undefined || days > 3650) return { error: 'days-wrong' };
      return { policy: { kind: 'older-than', seconds: Math.round(days * 86_400) } };
    }
    case 'to-size': {
      const gigabytes = numberOf(form.gigabytes);
      if (gigabytes === undefined) return { error: 'size-wrong' };
      return { policy: { kind: 'to-size', bytes: Math.round(gigabytes * gigabyte) } };
    }
  }
}

/** A number of zero or more as people type it: `12`, `2.5`, with spaces or a decimal comma. */
export function numberOf(text: string): number | undefined {
  const plain = text.trim().replace(',', '.');
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : undefined;
}
