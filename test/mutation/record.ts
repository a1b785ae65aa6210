/** What is read of Stryker's report. */
export interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
}

/** What a run over one folder found. */
export interface Measured {
  readonly folder: string;
  readonly mutants: number;
  readonly killed: number;
  /** Of the killed, those that never came to an end. */
  readonly timedOut: number;
  readonly survived: number;
  /** No test reaches them; they are beside those that survived. */
  readonly notReached: number;
  /** A test file fails while it is loaded with them. That is red too, but Stryker leaves them out of its score. */
  readonly broken: number;
  readonly date: string;
}

/** Counts the mutants of a folder by what was found of them. */
export function measured(folder: string, { files }: Report, date: string): Measured {
  const states = Object.values(files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const count = (wanted: string): number => states.filter((state) => state === wanted).length;
  const timedOut = count('Timeout');
  return {
    folder,
    mutants: states.length,
    killed: count('Killed') + timedOut,
    timedOut,
    survived: count('Survived'),
    notReached: count('NoCoverage'),
    broken: count('RuntimeError'),
    date,
  };
}

/** The page with this folder's row in its table, in place of the one it had. */
export function withRow(page: string, row: Measured): string {
  const { folder, mutants, killed, timedOut, survived, notReached, broken, date } = row;
  const counted = killed + survived + notReached;
  const share = counted === 0 ? 100 : Math.floor((1000 * killed) / counted) / 10;
  const cells = [folder, mutants, killed, timedOut, survived, notReached, broken, share.toFixed(1), date];
  const line = `| ${cells.join(' | ')} |`;
  const lines = page.split('\n');
  const at = lines.findIndex((each) => each.startsWith(`| ${folder} |`));
  if (at >= 0) return lines.with(at, line).join('\n');
  const end = lines.findLastIndex((each) => each.startsWith('|'));
  return lines.toSpliced(end + 1, 0, line).join('\n');
}
