import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { manifestTypes } from '../../main/hosts/manifest-types.ts';
import type { SeededImage } from '../lab/images/seeded-image.ts';
import type { Reply, Wire } from './wire.ts';

/** What one pull asks for, and the way an engine may ask for it. */
export interface PullOrder {
  readonly image: SeededImage;
  readonly by: 'tag' | 'digest';
  /** How the upstream is named: before the repository, as `?ns=`, or not at all (docker.io). */
  readonly address: 'alias' | 'ns' | 'plain';
  /** Which of the image's platforms, counted from 0. */
  readonly platform: number;
  /** Blobs come in one go, break off half-way and are resumed, or are asked for in three ranges. */
  readonly blobs: 'whole' | 'resumed' | 'ranges';
}

/**
 * Why a pull failed. `status` is the edge's, 0 where no answer came; `id` finds the line in its access log. A body is `spoilt` where its
 * upstream broke off and the registry wrote the words of its error after the last good byte, as distribution 3.1 does.
 */
export class PullFailure extends Error {
  readonly kind: 'refused' | 'broken' | 'spoilt' | 'wrong digest' | 'wrong range';
  readonly status: number;
  readonly id: string;

  constructor(kind: PullFailure['kind'], words: string, reply?: Reply) {
    super(words);
    this.kind = kind;
    this.status = reply?.status ?? 0;
    this.id = reply?.headers['x-edge-id'] ?? '';
  }
}

export interface Pulled {
  readonly bytes: number;
  /** When and why a blob's body broke off and was asked for again from there, as Docker and containerd do, and the edge's id of the answer. */
  readonly interruptions: readonly { readonly at: number; readonly why: string; readonly id: string }[];
}

const accept = manifestTypes.join(', ');

/** Where a registry's error may begin, bytes before the end of a body. */
const errorWords = 1000;

/** Docker tries a layer five times. */
const tries = 5;

/** Pulls one image as an engine does, and believes no byte: manifests and blobs must be what their digests say. Throws {@link PullFailure}. */
export async function pullImage(wire: Wire, order: PullOrder): Promise<Pulled> {
  const { image, by, address } = order;
  const root = address === 'alias' ? `/v2/${image.upstream}/${image.repository}` : `/v2/${image.repository}`;
  const query = address === 'ns' ? `?ns=${image.upstream}` : '';
  const pathOf = (kind: string, name: string): string => `${root}/${kind}/${name}${query}`;
  const interruptions: { at: number; why: string; id: string }[] = [];
  let bytes = 0;

  const manifest = async (reference: string, digest: string): Promise<Buffer> => {
    const reply = await answered(wire, 'GET', pathOf('manifests', reference), { accept }, [200]);
    const parts: Buffer[] = [];
    try {
      for await (const part of reply.body as AsyncIterable<Buffer>) parts.push(part);
    } catch (error) {
      throw new PullFailure('broken', `manifest ${reference}: ${String(error)}`, reply);
    }
    const body = Buffer.concat(parts);
    expectDigest(createHash('sha256').update(body).digest('hex'), digest, `manifest ${reference}`, reply);
    bytes += body.length;
    return body;
  };

  const blob = async (digest: string, size: number): Promise<void> => {
    const hash = createHash('sha256');
    const path = pathOf('blobs', digest);
    let got = 0;
    let stopAt = order.blobs === 'resumed' ? Math.floor(size / 2) : size;
    let spoilt = false;
    for (let broken = 0; got < size; ) {
      if (order.blobs === 'ranges') stopAt = Math.min(size, got + Math.ceil(size / 3));
      const ranged = got > 0 || order.blobs === 'ranges';
      const end = order.blobs === 'ranges' ? String(stopAt - 1) : '';
      const headers: Record<string, string> = ranged ? { range: `bytes=${got}-${end}` } : {};
      const reply = await answered(wire, 'GET', path, headers, ranged ? [200, 206] : [200]);
      // A mirror that fetches a blob for the first time sends all of it, whatever was asked; engines throw away what they have.
      let skip = reply.status === 206 ? 0 : got;
      let lastWords = '';
      if (reply.status === 206 && !(reply.headers['content-range'] ?? '').startsWith(`bytes ${got}-`))
        throw new PullFailure('wrong range', `${got}- gave ${reply.headers['content-range']}`, reply);
      try {
        for await (const part of reply.body as AsyncIterable<Buffer>) {
          const fresh = part.subarray(Math.min(skip, part.length));
          skip -= part.length - fresh.length;
          hash.update(fresh);
          got += fresh.length;
          lastWords = (lastWords + part.subarray(-errorWords).toString('latin1')).slice(-errorWords);
          if (got >= stopAt && got < size) break;
        }
        if (got < stopAt) throw new Error(`the body ended after ${got} of ${size}`);
        stopAt = size;
      } catch (error) {
        // Node may call a stream of HTTP/2 broken whose last byte has come.
        if (got === size) break;
        const why = `${digest.slice(0, 15)} at ${got} of ${size}: ${String(error)}`;
        interruptions.push({ at: Date.now(), why, id: reply.headers['x-edge-id'] ?? '' });
        broken += 1;
        spoilt ||= lastWords.includes('{"errors":[{"code":');
        if (broken === tries) throw new PullFailure('broken', `blob ${digest}: ${String(error)}`, reply);
        await wait(broken * 500);
      } finally {
        reply.body.destroy();
      }
    }
    const found = `sha256:${hash.digest('hex')}`;
    if (found !== digest)
      throw new PullFailure(spoilt ? 'spoilt' : 'wrong digest', `blob is ${found} where ${digest} was due`);
    bytes += got;
  };

  const tag = image.tags[0] ?? '';
  const platform = image.platforms[order.platform];
  if (platform === undefined) throw new Error(`${image.repository} has no platform ${order.platform}`);
  let reference = by === 'tag' ? tag : image.digest;
  // containerd asks what a tag is before it fetches that digest; Docker fetches the tag.
  if (by === 'tag' && address === 'ns') {
    const head = await answered(wire, 'HEAD', pathOf('manifests', tag), { accept }, [200]);
    head.body.resume();
    expectDigest(
      (head.headers['docker-content-digest'] ?? '').replace('sha256:', ''),
      image.digest,
      `tag ${tag}`,
      head,
    );
    reference = image.digest;
  }
  const top = await manifest(reference, image.digest);
  const { manifestDigest } = platform;
  const named = manifestDigest === image.digest ? top : await manifest(manifestDigest, manifestDigest);
  const { config } = JSON.parse(named.toString()) as { config: { digest: string; size: number } };
  const layers = [config, ...platform.layers];
  // Three at a time, as Docker fetches them.
  const fetching = [0, 1, 2].map(async () => {
    for (let next = layers.shift(); next !== undefined; next = layers.shift()) await blob(next.digest, next.size);
  });
  const ended = await Promise.allSettled(fetching);
  const failed = ended.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return { bytes, interruptions };
}

function expectDigest(hex: string, digest: string, what: string, reply?: Reply): void {
  if (`sha256:${hex}` !== digest)
    throw new PullFailure('wrong digest', `${what} is sha256:${hex} where ${digest} was due`, reply);
}

async function answered(
  wire: Wire,
  method: 'GET' | 'HEAD',
  path: string,
  headers: Readonly<Record<string, string>>,
  good: readonly number[],
): Promise<Reply> {
  let reply: Reply;
  try {
    reply = await wire.ask(method, path, headers);
  } catch (error) {
    throw new PullFailure('broken', `${method} ${path}: ${String(error)}`);
  }
  if (good.includes(reply.status)) return reply;
  const parts: Buffer[] = [];
  try {
    for await (const part of reply.body as AsyncIterable<Buffer>) parts.push(part);
  } catch {
    // Its status says enough.
  }
  const said = Buffer.concat(parts).toString().slice(0, 300);
  throw new PullFailure('refused', `${method} ${path}: ${reply.status} ${said}`, reply);
}
