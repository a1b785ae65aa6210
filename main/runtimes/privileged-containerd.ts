/**
 * Questions to containerd as root: its socket is root's alone. gRPC over HTTP/2 with the few messages that are needed written out, so that
 * the privileged program stays without dependencies. Part of it: `node:` imports only.
 */
import * as http2 from 'node:http2';
import * as net from 'node:net';
import { record, Refusal, refuse, text } from './privileged-request.ts';

const socket = '/run/containerd/containerd.sock';
const namespace = 'k8s.io';
const patience = 15_000;
/** A pull of a few hundred kilobytes; a mirror that hangs is not waited for longer (containerd 1.6 itself waits forever). */
const pullPatience = 60_000;
/** Bytes of the longest answer that is kept. */
const largestAnswer = 64 * 1024 * 1024;

/** A field of a protocol-buffers message: its number, and its bytes or its number. */
type Field = readonly [number: number, value: Buffer | number];

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

function encode(fields: readonly (readonly [number: number, value: string | Buffer | true])[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (value === true) return [varint(number * 8), varint(1)];
      const bytes = Buffer.from(value);
      return [varint(number * 8 + 2), varint(bytes.length), bytes];
    }),
  );
}

function decode(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++] ?? refuseAnswer();
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = number();
    const kind = tag % 8;
    if (kind === 0) fields.push([Math.floor(tag / 8), number()]);
    else if (kind === 2) {
      const length = number();
      fields.push([Math.floor(tag / 8), message.subarray(at, at + length)]);
      at += length;
    } else at += kind === 1 ? 8 : kind === 5 ? 4 : refuseAnswer();
  }
  return fields;
}

function refuseAnswer(): never {
  return refuse(
    'containerd-not-understood',
    'containerd answered in a form that is not understood.',
    'Update Mirrorfleet.',
  );
}

const all = (fields: readonly Field[], number: number): Buffer[] =>
  fields.flatMap(([each, value]) => (each === number && typeof value !== 'number' ? [value] : []));
const word = (fields: readonly Field[], number: number): string => all(fields, number)[0]?.toString() ?? '';
const figure = (fields: readonly Field[], number: number): number =>
  fields.flatMap(([each, value]) => (each === number && typeof value === 'number' ? [value] : []))[0] ?? 0;

/** One call; the messages of the answer. Rejects with the server's own words; one that is cancelled is taken back at the server too. */
async function call(
  path: string,
  request: Buffer,
  timeout = patience,
  scope = namespace,
  cancelled?: AbortSignal,
  at = socket,
): Promise<Field[][]> {
  cancelled?.throwIfAborted();
  const session = http2.connect('http://containerd', { createConnection: () => net.connect(at) });
  try {
    const answer = await new Promise<Buffer>((resolve, reject) => {
      session.on('error', reject);
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
        'containerd-namespace': scope,
      });
      let status = '';
      let said = '';
      const hear = (headers: http2.IncomingHttpHeaders): void => {
        status = [headers['grpc-status'] ?? status].flat()[0] ?? '';
        said = [headers['grpc-message'] ?? said].flat()[0] ?? '';
      };
      const chunks: Buffer[] = [];
      let length = 0;
      stream.setTimeout(timeout, () => stream.destroy(new Error(`no answer in ${timeout / 1000} s`)));
      stream.on('response', hear);
      stream.on('trailers', hear);
      stream.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > largestAnswer) stream.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      stream.on('error', reject);
      cancelled?.addEventListener('abort', () => stream.destroy(new Error('it was cancelled')), { once: true });
      stream.on('end', () => {
        if (status === '0') resolve(Buffer.concat(chunks));
        else if (said !== '') reject(new Error(decoded(said)));
        else reject(new Error(status === '' ? 'it ended before it had answered' : `gRPC status ${status}`));
      });
      stream.end(Buffer.concat([Buffer.from([0]), length32(request.length), request]));
    });
    return messages(answer);
  } finally {
    session.destroy();
  }
}

/** gRPC's messages come percent-encoded. */
function decoded(said: string): string {
  try {
    return decodeURIComponent(said);
  } catch {
    return said;
  }
}

function length32(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}

/** gRPC frames a message as a compression flag, four bytes of length, and the message. */
function messages(bytes: Buffer): Field[][] {
  const list: Field[][] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    list.push(decode(bytes.subarray(at + 5, end)));
    at = end;
  }
  return list;
}

const one = (list: readonly Field[][]): readonly Field[] => list[0] ?? [];

async function asking<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return refuse(
      'containerd-not-answering',
      `containerd's CRI does not answer: ${(error as Error).message}`,
      'Look at its log: journalctl -u containerd',
    );
  }
}

/** The `config_path` that the running CRI plugin has; it answers at all only when it was loaded. */
export async function criStatus(request: unknown, cancelled?: AbortSignal, at = socket): Promise<object> {
  record(request, ['verb']);
  const path = '/runtime.v1.RuntimeService/Status';
  const status = one(await asking(() => call(path, encode([[1, true]]), patience, namespace, cancelled, at)));
  const info = all(status, 2)
    .map(decode)
    .find((entry) => word(entry, 1) === 'config');
  const config = JSON.parse(info === undefined ? '{}' : word(info, 2)) as { registry?: { configPath?: unknown } };
  const configPath = config.registry?.configPath;
  return { ok: true, configPath: typeof configPath === 'string' ? configPath : '' };
}

/** Names of the images in the CRI's namespace, each with the digest it stands for. */
async function imageNames(): Promise<ReadonlyMap<string, string>> {
  const answer = one(await call('/containerd.services.images.v1.Images/List', Buffer.alloc(0)));
  return new Map(
    all(answer, 1).map((image) => {
      const fields = decode(image);
      return [word(fields, 1), all(fields, 3).map((target) => word(decode(target), 2))[0] ?? ''];
    }),
  );
}

/**
 * The names that our pull of `image` brought: the reference itself and the image's id, both for the digest pulled. Anything else that is new
 * came from someone else meanwhile (Kubernetes pulls when it likes) and stays. Pure.
 */
export function broughtBy(
  image: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const digest = image.slice(image.indexOf('@') + 1);
  return [...after].flatMap(([name, target]) =>
    !before.has(name) && target === digest && (name === image || name.startsWith('sha256:')) ? [name] : [],
  );
}

/** Pulls as Kubernetes would, and takes away the names that brought. What was fetched goes with the last name. */
export async function criPull(request: unknown, cancelled?: AbortSignal): Promise<object> {
  const image = text(
    record(request, ['verb', 'image'])['image'],
    /^[a-z0-9][a-z0-9.-]{0,250}(?::\d{1,5})?\/[a-z0-9][a-z0-9._/-]{0,250}@sha256:[0-9a-f]{64}$/,
    'image',
  );
  const before = await asking(imageNames);
  let failure: string | undefined;
  try {
    const spec = encode([[1, encode([[1, image]])]]);
    await call('/runtime.v1.ImageService/PullImage', spec, pullPatience, namespace, cancelled);
  } catch (error) {
    failure = (error as Error).message;
  }
  for (const name of broughtBy(image, before, await asking(imageNames)))
    await asking(() =>
      call(
        '/containerd.services.images.v1.Images/Delete',
        encode([
          [1, name],
          [2, true],
        ]),
      ),
    );
  if (failure !== undefined)
    refuse(
      'proof-pull-failed',
      `containerd could not pull ${image}: ${failure}`,
      'Look at the node with "mirrorfleet status".',
    );
  return { ok: true };
}

/** What containerd keeps: content of all namespaces once each, and unpacked layers; images that no container uses can go. */
export async function criStorage(request: unknown): Promise<object> {
  record(request, ['verb']);
  const scopes = await asking(async () =>
    all(one(await call('/containerd.services.namespaces.v1.Namespaces/List', Buffer.alloc(0))), 1).map((each) =>
      word(decode(each), 1),
    ),
  );
  const content = new Map<string, number>();
  let unpacked = 0;
  for (const scope of scopes) {
    for (const part of await asking(() =>
      call('/containerd.services.content.v1.Content/List', Buffer.alloc(0), patience, scope),
    ))
      for (const info of all(part, 1).map(decode)) content.set(word(info, 1), figure(info, 2));
    const snapshotter = encode([[1, 'overlayfs']]);
    const parts = await asking(() =>
      call('/containerd.services.snapshots.v1.Snapshots/List', snapshotter, patience, scope),
    );
    for (const key of parts.flatMap((part) => all(part, 1)).map((info) => word(decode(info), 1))) {
      const usage = await asking(() =>
        call(
          '/containerd.services.snapshots.v1.Snapshots/Usage',
          encode([
            [1, 'overlayfs'],
            [2, key],
          ]),
          patience,
          scope,
        ),
      );
      unpacked += figure(one(usage), 1);
    }
  }
  const images = all(one(await asking(() => call('/runtime.v1.ImageService/ListImages', Buffer.alloc(0)))), 1).map(
    decode,
  );
  const containers = await asking(() => call('/runtime.v1.RuntimeService/ListContainers', Buffer.alloc(0)));
  const used = new Set(all(one(containers), 1).map((each) => word(decode(each), 5)));
  const bytes = [...content.values()].reduce((sum, size) => sum + size, 0) + unpacked;
  const unused = images.filter((image) => !used.has(word(image, 1))).reduce((sum, image) => sum + figure(image, 4), 0);
  return { ok: true, count: images.length, bytes, reclaimableBytes: Math.min(bytes, unused) };
}
