import { createHash } from 'node:crypto';
import { fail } from '../../preload/contract/problem.ts';
import { BlobTable } from './blob-table.ts';
import { ByteQueue } from './byte-queue.ts';
import type { CacheSnapshot, RepositoryFound, TagFound } from './cache-snapshot.ts';
import { invalid, unreadable } from './listing-problems.ts';
import { type ManifestReferences, manifestReferences } from './manifest.ts';
import { isHex, isRepository, isStorage, isTag, upstreamOfStorage } from './stored-names.ts';
import { readTarHeader, tarBlock } from './tar-header.ts';

/** Longest line a listing may have: a repository or tag name and a few numbers. */
const longestLine = 512;
/** Most bytes of a listing that are read, unpacked; some three million blobs. */
const largestListing = 1024 ** 3;

type Mutable = Omit<RepositoryFound, 'tags' | 'revisions' | 'layers' | 'opaque'> & {
  tags: TagFound[];
  revisions: Map<string, number>;
  layers: Map<string, number>;
  opaque: boolean;
};

/**
 * Reads the output of the inventory script (unpacked) as it streams in and keeps only what is needed, not the bytes. It believes
 * nothing: every name, number and length is checked, and anything unexpected is the Problem `cache-listing-invalid`.
 */
export class InventoryParser {
  readonly #input = new ByteQueue();
  #state: 'header' | 'lines' | 'archive' | 'padding' | 'trailer' | 'ended' = 'header';
  #received = 0;
  #at = '0';
  #readTimesTrue = false;
  readonly #descriptorCaches: string[] = [];
  readonly #pins: string[] = [];
  readonly #unclearPins: number[] = [];
  readonly #repositories = new Map<string, Mutable>();
  readonly #blobs = new BlobTable();
  readonly #manifests = new Map<string, ManifestReferences | undefined>();
  /** One string for each digest, however often it is named: a slice would keep its whole chunk in memory. */
  readonly #digests = new Map<string, string>();
  readonly #damaged: string[] = [];
  readonly #platforms = new Map<string, string>();
  #storage: string | undefined;
  #repository: Mutable | undefined;
  #body: { readonly hex: string; readonly size: number } | undefined;

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    this.#received += chunk.length;
    if (this.#received > largestListing) invalid('it is longer than any cache could be');
    this.#input.push(chunk);
    while (this.#advance());
  }

  /** The snapshot, once everything was pushed. Throws `cache-listing-incomplete` where the script did not reach its end. */
  finish(): CacheSnapshot {
    if (this.#state !== 'ended') {
      fail({
        code: 'cache-listing-incomplete',
        message: 'The list of cached files broke off; nothing was changed.',
        hint: 'Try again. If it happens every time, look at the server for a full disk or a damaged file system.',
        retryable: true,
      });
    }
    return {
      at: this.#at,
      readTimesTrue: this.#readTimesTrue,
      descriptorCaches: this.#descriptorCaches,
      pins: this.#pins,
      unclearPins: this.#unclearPins,
      repositories: [...this.#repositories.values()],
      blobs: this.#blobs,
      manifests: this.#manifests,
      damaged: this.#damaged,
    };
  }

  /** Reads one piece; false when the next one is not complete yet. */
  #advance(): boolean {
    switch (this.#state) {
      case 'header':
      case 'lines':
      case 'trailer': {
        const line = this.#input.takeLine();
        if (line === undefined) {
          if (this.#input.length > longestLine) invalid('a line is too long');
          return false;
        }
        if (line.length > longestLine) invalid('a line is too long');
        this.#line(line.toString('latin1'));
        return true;
      }
      case 'archive':
        return this.#body ? this.#file(this.#body) : this.#fileHeader();
      case 'padding':
        // Either the listing's last line comes, or one more archive, whose first file is called sha256/….
        switch (this.#input.afterZeros()) {
          case undefined:
            return false;
          case 0x73:
            this.#state = 'archive';
            return true;
          default:
            this.#state = 'trailer';
            return true;
        }
      case 'ended':
        if (this.#input.length > 0) invalid('it goes on after its end');
        return false;
    }
  }

  #line(line: string): void {
    const [word = '', ...rest] = line.split(' ');
    if (this.#state === 'header') {
      if (word !== 'mirrorfleet-cache' || rest.length !== 3 || rest[0] !== '1') invalid('it does not begin as one');
      if (!/^\d{1,12}(\.\d{1,12})?$/.test(rest[1] ?? '')) invalid('it has no time');
      this.#at = own(rest[1] ?? '0');
      this.#readTimesTrue = rest[2] === '1';
      this.#state = 'lines';
      return;
    }
    if (this.#state === 'trailer') {
      if (line === 'end') this.#state = 'ended';
      else if (line === 'broken') unreadable();
      else invalid('its end is not one');
      return;
    }
    const [first = '', second = '', ...more] = rest;
    switch (word) {
      case 'c':
        if (rest.length !== 1 || !/^[\w.-]{1,300}$/.test(first)) invalid('a file name is not one');
        this.#descriptorCaches.push(own(first));
        return;
      case 'p':
        if (rest.length !== 1 || !/^[\x21-\x7e]{1,400}$/.test(first)) invalid('a pin is not one');
        this.#pins.push(own(first));
        return;
      case 'q':
        if (rest.length !== 1) invalid('a line number is not one');
        this.#unclearPins.push(count(first));
        return;
      case 'u':
        if (rest.length !== 1 || !isStorage(first)) invalid('an upstream is not one');
        this.#storage = own(first);
        this.#repository = undefined;
        return;
      case 'r':
        this.#enter(rest.length === 1 ? first : '');
        return;
      case 't':
        if (more.length !== 1 || !isTag(first) || !(second === '-' || isHex(second))) invalid('a tag is not one');
        this.#current.tags.push({
          name: own(first),
          hex: second === '-' ? undefined : this.#digest(second),
          usedAt: count(more[0]),
        });
        return;
      case 'm':
        if (rest.length !== 2) invalid('a revision is not one');
        this.#current.revisions.set(this.#digest(first), count(second));
        return;
      case 'l':
        if (rest.length !== 2) invalid('a layer is not one');
        this.#current.layers.set(this.#digest(first), count(second));
        return;
      case 'o':
        this.#current.opaque = true;
        return;
      case 'b': {
        if (more.length !== 3) invalid('a blob is not one');
        if (!isHex(first)) invalid('a digest is not one');
        const disk = count(more[0]) * 512;
        if (!Number.isSafeInteger(disk)) invalid('a blob is bigger than any disk');
        this.#blobs.set(first, {
          size: count(second),
          disk,
          readAt: count(more[1]),
          changedAt: count(more[2]),
        });
        return;
      }
      case 'manifests':
        if (rest.length !== 1) invalid('a count is not one');
        this.#state = count(first) === 0 ? 'trailer' : 'archive';
        return;
      default:
        invalid('it has a line of an unknown kind');
    }
  }

  get #current(): Mutable {
    return this.#repository ?? invalid('a line belongs to no repository');
  }

  #enter(name: string): void {
    if (this.#storage === undefined || !isRepository(name)) invalid('a repository is not one');
    const key = `${this.#storage}/${name}`;
    const known = this.#repositories.get(key);
    this.#repository = known ?? {
      storage: this.#storage,
      upstream: upstreamOfStorage(this.#storage),
      name: own(name),
      tags: [],
      revisions: new Map(),
      layers: new Map(),
      opaque: false,
    };
    if (!known) this.#repositories.set(own(key), this.#repository);
  }

  #fileHeader(): boolean {
    const block = this.#input.take(tarBlock);
    if (!block) return false;
    this.#body = readTarHeader(block);
    if (!this.#body) this.#state = 'padding';
    else if (!this.#blobs.has(this.#body.hex)) invalid('its archive holds what was not listed');
    return true;
  }

  #file({ hex, size }: { hex: string; size: number }): boolean {
    const padded = this.#input.take(Math.ceil(size / tarBlock) * tarBlock);
    if (!padded) return false;
    this.#body = undefined;
    const bytes = padded.subarray(0, size);
    const right = createHash('sha256').update(bytes).digest('hex') === hex;
    if (!right) this.#damaged.push(this.#digest(hex));
    const references = right ? manifestReferences(bytes) : undefined;
    this.#manifests.set(this.#digest(hex), references && this.#stored(references));
    return true;
  }

  /** The references that can matter: of an index's many platforms only those that are stored, which are most of the memory. */
  #stored({ children, blobs, platforms, config }: ManifestReferences): ManifestReferences {
    const here = children.flatMap((hex, at) => (this.#blobs.has(hex) ? [at] : []));
    return {
      children: here.map((at) => this.#digest(children[at] ?? '')),
      blobs: blobs.map((each) => this.#digest(each)),
      ...(platforms ? { platforms: here.map((at) => this.#platform(platforms[at])) } : {}),
      ...(config === undefined ? {} : { config: this.#digest(config) }),
    };
  }

  /** The few platforms there are, one string each. */
  #platform(name: string | undefined): string | undefined {
    if (name === undefined) return undefined;
    const known = this.#platforms.get(name) ?? own(name);
    this.#platforms.set(known, known);
    return known;
  }

  #digest(hex: string): string {
    const known = this.#digests.get(hex);
    if (known !== undefined) return known;
    if (!isHex(hex)) invalid('a digest is not one');
    const copy = own(hex);
    this.#digests.set(copy, copy);
    return copy;
  }
}

/** A copy of its own, independent of the chunk it was cut from. */
function own(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function count(text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) invalid('a number is not one');
  return Number(text);
}
