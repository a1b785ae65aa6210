import { fail } from '../../preload/contract/problem.ts';

export type PruneStage = 'tags' | 'manifests' | 'check' | 'blobs';

/** How a running prune tells where it is. */
export interface PruneProgress {
  stage(stage: PruneStage): void;
  blobs(removed: number, total: number): void;
}

/** What the prune script said in the end: bytes and files measured as they went, and the paths it kept because they were used meanwhile. */
export interface PruneReport {
  readonly freedBytes: number;
  readonly blobs: number;
  readonly kept: ReadonlySet<string>;
}

const longestLine = 1024;

/** Reads the prune script's output line by line as it comes and tells where it is. Throws `prune-report-invalid` for anything else. */
export class PruneReportReader {
  #rest = '';
  #done = false;
  #removed = 0;
  #total = 0;
  #freedBytes = 0;
  #blobs = 0;
  readonly #kept = new Set<string>();
  readonly #progress: PruneProgress;

  constructor(progress: PruneProgress) {
    this.#progress = progress;
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + Buffer.from(chunk).toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > longestLine) invalid();
    for (const each of lines) this.#line(each);
  }

  /** Undefined where the script did not reach its end. */
  finish(): PruneReport | undefined {
    return this.#done ? { freedBytes: this.#freedBytes, blobs: this.#blobs, kept: this.#kept } : undefined;
  }

  #line(line: string): void {
    const [word, first = '', second = '', ...more] = line.split(' ');
    if (more.length > 0 || line.length > longestLine) invalid();
    if (word === 'step') {
      if (first === 'blobs') {
        this.#total = number(second);
        this.#progress.stage('blobs');
        this.#progress.blobs(0, this.#total);
      } else if (first === 'tags' || first === 'manifests' || first === 'check') this.#progress.stage(first);
      else invalid();
    } else if (word === 'removed') {
      this.#removed += number(first);
      this.#progress.blobs(this.#removed, this.#total);
    } else if (word === 'kept') this.#kept.add(first);
    else if (word === 'freed') {
      this.#freedBytes = number(first);
      this.#blobs = number(second);
    } else if (line === 'done') this.#done = true;
    else invalid();
  }
}

function number(text: string): number {
  if (!/^\d{1,15}$/.test(text)) invalid();
  return Number(text);
}

function invalid(): never {
  fail({
    code: 'prune-report-invalid',
    message: 'The server reported something about the prune that is not a report; what was removed is not known.',
    hint: 'List the cache to see what is there. Pruning can be repeated safely.',
  });
}
