import type { Saying } from '../../preload/contract/saying.ts';
import type { Program } from '../../preload/contract/status.ts';

/** What is known to be wrong with the versions up to, not with, `before`, from where the program's entry above ends. */
interface KnownProblem {
  readonly id: Program['id'];
  readonly before: string;
  readonly saying: string;
  /** Where it is said or was measured. */
  readonly source: string;
}

/**
 * Only what holds for every build of a version: a distribution mends the security of its Docker without a new number, so nothing of that
 * kind stands here. Of one program the oldest stand first, and the first that fits is said.
 */
const knownProblems: readonly KnownProblem[] = [
  {
    id: 'registry',
    before: '3.0.0',
    saying: 'registry-fetches-twice',
    source: 'measured on 2.8.2: two GETs at the upstream for each missing blob, and counters of hits that are wrong',
  },
  {
    id: 'registry',
    before: '3.1.0',
    saying: 'registry-holes-3-0',
    source: 'release notes of distribution v3.1.0: CVE-2026-35172, CVE-2026-33540',
  },
  {
    id: 'registry',
    before: '3.1.1',
    saying: 'registry-holes-3-1',
    source: 'release notes of distribution v3.1.1: CVE-2026-41888',
  },
  {
    id: 'envoy',
    before: '1.22.0',
    saying: 'envoy-cannot-load',
    source: 'Envoy version history: what our configuration is made of is not there before 1.22',
  },
  {
    id: 'envoy',
    before: '1.37.0',
    saying: 'envoy-not-maintained',
    source: 'Envoy version history, stable versions: a line is mended for a year, 1.36.0 is of October 14, 2025',
  },
  {
    id: 'compose',
    before: '2.0.0',
    saying: 'compose-1-ended',
    source: 'docs.docker.com/compose/releases/migrate: version 1 has had no update since July 2023',
  },
];

/** What is known of a version, undefined where nothing is or where the version is none. Pure. */
export function knownProblemOf(id: Program['id'], version: string): Saying | undefined {
  const found = numbersOf(version);
  if (!found) return undefined;
  const fits = knownProblems.find((each) => each.id === id && isBefore(found, numbersOf(each.before)));
  return fits && { code: fits.saying, values: { version } };
}

type Numbers = readonly [major: number, minor: number, patch: number];

function numbersOf(version: string): Numbers | undefined {
  const [, major, minor, patch] = /^v?(\d{1,5})\.(\d{1,5})(?:\.(\d{1,5}))?/.exec(version) ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor), Number(patch ?? 0)];
}

function isBefore(version: Numbers, limit: Numbers | undefined): boolean {
  if (!limit) return false;
  const at = version.findIndex((number, index) => number !== limit[index]);
  return at >= 0 && (version[at] ?? 0) < (limit[at] ?? 0);
}
