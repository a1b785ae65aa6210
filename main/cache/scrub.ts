import type { NodeSpec } from '../../preload/contract/node.ts';
import { fail } from '../../preload/contract/problem.ts';
import { nodeLayout } from '../fleet/node-layout.ts';
import type { Host } from '../hosts/host.ts';
import type { JobContext } from '../tasks/tasks.ts';
import { cacheProblem } from './cache-problem.ts';
import { type Inventory, readInventory } from './inventory.ts';
import { readSnapshot } from './read-inventory.ts';
import { repairScript, scrubScript } from './scrub-script.ts';
import { isHex } from './stored-names.ts';

type Node = Pick<NodeSpec, 'name' | 'base'>;

/** A terabyte on a slow disk takes three hours. */
const longestScrub = 12 * 3600_000;
/** So many images are named in the outcome. */
const named = 10;

/**
 * Reads every file of a node's cache and compares it with its digest, while the mirrors go on serving. `repair` removes what is damaged with the
 * links that would serve it, so that the next pull fetches it again; what cannot be read is told and left. The outcome has `files`,
 * `bytes` (read), `damaged`, `unreadable`, `removed` and `images` (names that need a damaged file).
 */
export async function scrubCache(host: Host, spec: Node, repair: boolean, job: JobContext): Promise<void> {
  const inventory = await job.step('inventory', 'Count what is cached', async () =>
    readInventory(await readSnapshot(host, spec, job.signal)),
  );
  const { snapshot } = inventory;
  const found = await job.step('scrub', 'Compare every file with its digest', async (report) => {
    const said = new ScrubReader((done, total) => report.progress(done, total, 'bytes'));
    await run(host, spec, scrubScript, '', said, job.signal);
    const damaged = [...new Set([...snapshot.damaged, ...said.bad])];
    report.note(
      damaged.length + said.unread.length === 0
        ? { code: 'files-as-they-should-be' }
        : said.unread.length === 0
          ? { code: 'files-damaged', values: { damaged: damaged.length } }
          : {
              code: 'files-damaged-or-unreadable',
              values: { damaged: damaged.length, unreadable: said.unread.length },
            },
    );
    return { damaged, unread: said.unread, files: said.files, bytes: said.bytes };
  });
  let manifestBytes = 0;
  for (const hex of snapshot.manifests.keys()) manifestBytes += snapshot.blobs.get(hex)?.size ?? 0;
  job.outcome('files', found.files + snapshot.manifests.size);
  job.outcome('bytes', found.bytes + manifestBytes);
  job.outcome('damaged', found.damaged.length);
  job.outcome('unreadable', found.unread.length);
  const images = imagesNeeding(inventory, [...found.damaged, ...found.unread]);
  if (images.length > 0) job.outcome('images', images.slice(0, named).join(', '));
  if (!repair) return;
  const removed = await job.step('repair', 'Remove what is damaged', async (report) => {
    if (found.damaged.length === 0) return 0;
    const said = new ScrubReader(() => {});
    await run(host, spec, repairScript, `${found.damaged.join('\n')}\n`, said, job.signal);
    report.note({ code: 'files-removed', values: { count: said.removed } });
    return said.removed;
  });
  job.outcome('removed', removed);
}

/** The images that need one of these files, by name. */
function imagesNeeding({ images }: Inventory, hexes: readonly string[]): string[] {
  return images.filter(({ closure }) => hexes.some((hex) => closure.has(hex))).map(({ name }) => name);
}

async function run(
  host: Host,
  spec: Node,
  script: string,
  input: string,
  reader: ScrubReader,
  signal: AbortSignal,
): Promise<void> {
  const result = await host.run({
    argv: ['sh', '-c', script, 'sh', nodeLayout(spec).base],
    input,
    elevated: true,
    timeoutMs: longestScrub,
    maxOutputBytes: 256 * 1024 * 1024,
    signal,
    onOutput: (chunk) => reader.push(chunk),
  });
  if (result.code !== 0) throw cacheProblem(spec.name, result);
  if (reader.ended) return;
  fail({
    code: 'scrub-report-invalid',
    message: `${spec.name} did not report to the end which of its cached files are right.`,
    hint: 'Check the cache again; nothing is removed that was not found damaged twice.',
    retryable: true,
  });
}

/** Reads what the two scripts say, line by line; a line that is none is passed over, and without the last one there is no report. */
export class ScrubReader {
  readonly bad: string[] = [];
  readonly unread: string[] = [];
  files = 0;
  bytes = 0;
  removed = 0;
  ended = false;
  #total = 0;
  #rest = '';
  readonly #progress: (done: number, total: number) => void;

  constructor(progress: (done: number, total: number) => void) {
    this.#progress = progress;
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + Buffer.from(chunk).toString('latin1')).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, 1024);
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    const [word = '', first = '', second = ''] = line.split(' ');
    const count = (text: string): number => (/^\d{1,15}$/.test(text) ? Number(text) : 0);
    if (word === 'total') this.#total = count(second);
    else if (word === 'read') {
      this.files += count(first);
      this.bytes += count(second);
      this.#progress(this.bytes, this.#total);
    } else if (word === 'bad' && isHex(first)) this.bad.push(first);
    else if (word === 'unread' && isHex(first)) this.unread.push(first);
    else if (word === 'removed' && isHex(first)) this.removed += 1;
    else if (line === 'end') this.ended = true;
  }
}
