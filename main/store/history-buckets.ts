/** What was timed: a cached manifest, a tag the mirror had to look up, the upstream straight from this computer, the upstream from the node. */
export type SampleKind = 'cached' | 'uncached' | 'direct' | 'upstream';

/** One timed request. Times in ms; `outcome` is `ok` or the code of what went wrong (`connection-refused`, `429`). */
export interface Sample {
  readonly node: string;
  readonly upstream: string;
  readonly kind: SampleKind;
  readonly at: number;
  readonly manifestMs?: number;
  readonly firstByteMs?: number;
  readonly outcome: string;
}

/** A series and a range of time: `from` is in it, `to` is not. */
export interface SampleQuery {
  readonly node: string;
  readonly upstream: string;
  readonly kind: SampleKind;
  readonly from: number;
  readonly to: number;
}

/** Samples of one stretch of time, which begins at `at`. The medians of a bucket made of buckets are medians of medians, weighted. */
export interface Bucket {
  readonly at: number;
  readonly samples: number;
  readonly failed: number;
  readonly manifestP50?: number;
  readonly manifestMin?: number;
  readonly manifestMax?: number;
  readonly firstByteP50?: number;
}

interface Weighted {
  readonly value: number;
  readonly weight: number;
}

/** Folds samples and narrower buckets, both oldest first, into buckets of `widthMs` aligned to multiples of it. Holds one bucket in memory. */
export function* foldIntoBuckets(
  parts: Iterable<Sample | Bucket>,
  widthMs: number,
): Generator<Bucket, void, undefined> {
  let open: Fold | undefined;
  for (const part of parts) {
    const at = part.at - (part.at % widthMs);
    if (open && open.at !== at) {
      yield open.bucket();
      open = undefined;
    }
    open ??= new Fold(at);
    open.add(part);
  }
  if (open) yield open.bucket();
}

class Fold {
  readonly at: number;
  #samples = 0;
  #failed = 0;
  #min = Infinity;
  #max = -Infinity;
  readonly #manifests: Weighted[] = [];
  readonly #firstBytes: Weighted[] = [];

  constructor(at: number) {
    this.at = at;
  }

  add(part: Sample | Bucket): void {
    const bucket = 'samples' in part ? part : asBucket(part);
    this.#samples += bucket.samples;
    this.#failed += bucket.failed;
    this.#min = Math.min(this.#min, bucket.manifestMin ?? Infinity);
    this.#max = Math.max(this.#max, bucket.manifestMax ?? -Infinity);
    const weight = bucket.samples - bucket.failed;
    if (bucket.manifestP50 !== undefined) this.#manifests.push({ value: bucket.manifestP50, weight });
    if (bucket.firstByteP50 !== undefined) this.#firstBytes.push({ value: bucket.firstByteP50, weight });
  }

  bucket(): Bucket {
    const manifestP50 = weightedMedian(this.#manifests);
    const firstByteP50 = weightedMedian(this.#firstBytes);
    return {
      at: this.at,
      samples: this.#samples,
      failed: this.#failed,
      ...(manifestP50 !== undefined && { manifestP50 }),
      ...(Number.isFinite(this.#min) && { manifestMin: this.#min }),
      ...(Number.isFinite(this.#max) && { manifestMax: this.#max }),
      ...(firstByteP50 !== undefined && { firstByteP50 }),
    };
  }
}

function asBucket(sample: Sample): Bucket {
  const { at, manifestMs, firstByteMs } = sample;
  if (sample.outcome !== 'ok') return { at, samples: 1, failed: 1 };
  return {
    at,
    samples: 1,
    failed: 0,
    ...(manifestMs !== undefined && { manifestP50: manifestMs, manifestMin: manifestMs, manifestMax: manifestMs }),
    ...(firstByteMs !== undefined && { firstByteP50: firstByteMs }),
  };
}

/** The value below which half of the weight lies; undefined of nothing. */
function weightedMedian(values: readonly Weighted[]): number | undefined {
  const sorted = values.toSorted((a, b) => a.value - b.value);
  let left = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  for (const { value, weight } of sorted) {
    left -= weight;
    if (left <= 0) return value;
  }
  return sorted.at(-1)?.value;
}
