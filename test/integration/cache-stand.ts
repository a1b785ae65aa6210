import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeLayout, twinService } from '../../main/fleet/node-layout.ts';
import { upstreamOf } from '../../main/fleet/upstreams.ts';
import { directories } from '../../main/provision/render/directories.ts';
import { registryBinary } from '../lab/artefacts.ts';

const index = 'application/vnd.oci.image.index.v1+json';
const manifest = 'application/vnd.oci.image.manifest.v1+json';
const accept = { accept: `${index}, ${manifest}` };

/** How a pull ended: the first status that was not 200 with what was asked for, or 200. */
export interface Pull {
  readonly status: number;
  readonly at: string;
  readonly digestsRight: boolean;
}

export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
export const layerOf = (bytes: number): Buffer => randomBytes(bytes);

/**
 * A node's registries as processes on loopback: for each upstream a real registry that people push to and a real pull-through mirror
 * of it, over one blob store, and the read-only twin. The folders and links are those the product makes on a node.
 */
export class CacheStand {
  readonly base: string;
  readonly spec: { readonly name: string; readonly base: string };
  readonly #processes = new Map<string, ChildProcess>();
  readonly #ports = new Map<string, number>();
  readonly #binary: string;

  private constructor(base: string, binary: string) {
    this.base = join(base, 'node');
    this.spec = { name: 'tokyo', base: this.base };
    this.#binary = binary;
  }

  static async start(upstreams: readonly string[]): Promise<CacheStand> {
    const stand = new CacheStand(await mkdtemp(join(tmpdir(), 'mirrorfleet-cache-')), await registryBinary());
    for (const each of directories(upstreams.map(upstreamOf))) {
      const path = join(stand.base, each.path);
      if (each.target === undefined) await mkdir(path, { recursive: true });
      else await symlink(each.target, path);
    }
    const layout = nodeLayout(stand.spec);
    for (const upstream of upstreams) {
      await stand.startUpstream(upstream);
      const remote = `http://127.0.0.1:${stand.port(`upstream ${upstream}`)}`;
      await stand.#start(`mirror ${upstream}`, layout.storageRoot(upstream), {
        file: join(stand.base, 'registry', `${upstream}.yml`),
        proxy: { remoteurl: remote, ttl: 0, exec: { command: '/bin/false' } },
      });
    }
    await stand.#start('twin', layout.storageRoot(twinService), {
      file: join(stand.base, 'registry', 'offline.yml'),
      readonly: true,
    });
    return stand;
  }

  port(name: string): number {
    const port = this.#ports.get(name);
    if (port === undefined) throw new Error(`The stand has no ${name}.`);
    return port;
  }

  async startUpstream(upstream: string): Promise<void> {
    const root = join(this.base, '..', `upstream-${upstream}`);
    await mkdir(root, { recursive: true });
    await this.#start(`upstream ${upstream}`, root, { file: `${root}.yml` });
  }

  async stop(name: string): Promise<void> {
    const process = this.#processes.get(name);
    this.#processes.delete(name);
    if (!process || process.exitCode !== null) return;
    const exited = once(process, 'exit');
    process.kill('SIGKILL');
    await exited;
  }

  async close(): Promise<void> {
    for (const name of this.#processes.keys()) await this.stop(name);
    await rm(join(this.base, '..'), { recursive: true, force: true });
  }

  /** Pushes an image to an upstream: one platform for each list of layers, an index over them if there is more than one. Answers its digest. */
  async push(
    upstream: string,
    repository: string,
    tag: string,
    platforms: readonly (readonly Buffer[])[],
  ): Promise<string> {
    const children: { bytes: Buffer; digest: string }[] = [];
    for (const [number, layers] of platforms.entries()) {
      const config = Buffer.from(
        JSON.stringify({ architecture: `cpu${number}`, os: 'linux', rootfs: layers.map(digestOf) }),
      );
      for (const blob of [config, ...layers]) await this.#pushBlob(upstream, repository, blob);
      const described = (bytes: Buffer, mediaType: string) => ({
        mediaType,
        digest: digestOf(bytes),
        size: bytes.length,
      });
      const bytes = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: manifest,
          config: described(config, 'application/vnd.oci.image.config.v1+json'),
          layers: layers.map((layer) => described(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')),
        }),
      );
      children.push({ bytes, digest: digestOf(bytes) });
      await this.#put(upstream, repository, platforms.length === 1 ? tag : digestOf(bytes), bytes, manifest);
    }
    const [only] = children;
    if (only && children.length === 1) return only.digest;
    const list = children.map(({ bytes, digest }, number) => ({
      mediaType: manifest,
      digest,
      size: bytes.length,
      platform: { architecture: `cpu${number}`, os: 'linux' },
    }));
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: index, manifests: list }));
    await this.#put(upstream, repository, tag, bytes, index);
    return digestOf(bytes);
  }

  /** Pulls as an engine does: the manifest by tag or digest, of an index the first platform, then every blob; all digests checked. */
  async pull(
    server: string,
    repository: string,
    reference: string,
    onBlob: (digest: string) => void = () => {},
  ): Promise<Pull> {
    const found = await this.#get(server, `${repository}/manifests/${reference}`);
    if (found.status !== 200) return { status: found.status, at: 'manifest', digestsRight: true };
    if (reference.startsWith('sha256:') && digestOf(found.body) !== reference)
      return { status: 200, at: 'manifest', digestsRight: false };
    const parsed = JSON.parse(found.body.toString()) as {
      manifests?: { digest: string }[];
      config?: { digest: string };
      layers?: { digest: string }[];
    };
    const child = parsed.manifests?.[0]?.digest;
    if (child !== undefined) return this.pull(server, repository, child, onBlob);
    for (const { digest } of [...(parsed.config ? [parsed.config] : []), ...(parsed.layers ?? [])]) {
      onBlob(digest);
      const blob = await this.#get(server, `${repository}/blobs/${digest}`);
      if (blob.status !== 200) return { status: blob.status, at: 'blob', digestsRight: true };
      if (digestOf(blob.body) !== digest) return { status: 200, at: 'blob', digestsRight: false };
    }
    return { status: 200, at: 'done', digestsRight: true };
  }

  /** Pulls through a mirror until it has stored all of it: a client has the last blob a moment before the disk has. */
  async fill(upstream: string, repository: string, reference: string): Promise<Pull> {
    const place = join(nodeLayout(this.spec).storageRoot(upstream), 'docker/registry/v2/repositories', repository);
    for (;;) {
      const blobs: string[] = [];
      const pulled = await this.pull(`mirror ${upstream}`, repository, reference, (digest) =>
        blobs.push(digest.slice(7)),
      );
      const stored = (hex: string): boolean =>
        existsSync(join(place, '_layers/sha256', hex, 'link')) &&
        existsSync(join(nodeLayout(this.spec).blobStore, 'sha256', hex.slice(0, 2), hex, 'data'));
      for (let turn = 0; turn < 50 && !blobs.every(stored); turn++) await pause();
      if (pulled.status !== 200 || blobs.every(stored)) return pulled;
    }
  }

  /** Each on a connection of its own: one that the registry closes just then is asked again by an engine, but not by fetch. */
  async #get(server: string, path: string): Promise<{ status: number; body: Buffer }> {
    const headers = { ...accept, connection: 'close' };
    const answer = await fetch(`http://127.0.0.1:${this.port(server)}/v2/${path}`, { headers });
    return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
  }

  async #put(upstream: string, repository: string, reference: string, bytes: Buffer, type: string): Promise<void> {
    const url = `http://127.0.0.1:${this.port(`upstream ${upstream}`)}/v2/${repository}/manifests/${reference}`;
    const answer = await fetch(url, { method: 'PUT', headers: { 'content-type': type }, body: Uint8Array.from(bytes) });
    if (answer.status !== 201)
      throw new Error(`The upstream refused a manifest: ${answer.status} ${await answer.text()}`);
  }

  async #pushBlob(upstream: string, repository: string, bytes: Buffer): Promise<void> {
    const url = `http://127.0.0.1:${this.port(`upstream ${upstream}`)}/v2/${repository}/blobs/uploads/`;
    const begun = await fetch(url, { method: 'POST' });
    const place = new URL(begun.headers.get('location') ?? '', url);
    place.searchParams.set('digest', digestOf(bytes));
    const type = { 'content-type': 'application/octet-stream' };
    const answer = await fetch(place, { method: 'PUT', headers: type, body: Uint8Array.from(bytes) });
    if (answer.status !== 201) throw new Error(`The upstream refused a blob: ${answer.status}`);
  }

  async #start(name: string, root: string, more: { file: string; proxy?: object; readonly?: boolean }): Promise<void> {
    const port = this.#ports.get(name) ?? (await freePort());
    this.#ports.set(name, port);
    const maintenance = more.readonly
      ? { maintenance: { uploadpurging: { enabled: false }, readonly: { enabled: true } } }
      : {};
    const config = {
      version: 0.1,
      log: { level: 'error', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: root }, ...maintenance },
      http: { addr: `127.0.0.1:${port}` },
      ...(more.proxy ? { proxy: more.proxy } : {}),
    };
    await writeFile(more.file, JSON.stringify(config));
    const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none' };
    const child = spawn(this.#binary, ['serve', more.file], { stdio: ['ignore', 'ignore', 'pipe'], env });
    this.#processes.set(name, child);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-4000);
    });
    for (;;) {
      const up = await fetch(`http://127.0.0.1:${port}/v2/`).then(
        (answer) => answer.ok,
        () => false,
      );
      if (up) return;
      if (child.exitCode !== null) throw new Error(`${name} ended: ${said}`);
      await pause();
    }
  }
}

/** One turn of waiting for a state. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port.');
  return address.port;
}
