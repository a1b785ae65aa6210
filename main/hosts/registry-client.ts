import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { LookupFunction } from 'node:net';
import { z } from 'zod';
import { ProblemError, fail } from '../../preload/contract/problem.ts';
import { parseBearerChallenge, tokenUrl } from './bearer-challenge.ts';
import { indexTypes, manifestTypes } from './manifest-types.ts';
import {
  type ExchangeAnswer,
  type ExchangeRequest,
  type TlsIdentity,
  type Timings,
  createExchange,
  whereOf,
} from './registry-exchange.ts';
import { badStatus, digestMismatch } from './registry-problems.ts';

export type { Timings, TlsIdentity } from './registry-exchange.ts';

/** `baseUrl` is what stands before `/v2/`. `timeoutMs` (default 15 000) bounds every single wait, not the whole of a large download. */
export interface RegistryClientOptions {
  readonly baseUrl: string;
  readonly identity?: TlsIdentity | undefined;
  readonly timeoutMs?: number | undefined;
  readonly lookup?: LookupFunction | undefined;
  readonly keepAlive?: boolean | undefined;
}

/** What every answer carries. `requestId` is the edge's own id of the request (header `x-edge-id`). */
export interface RegistryAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly timings: Timings;
  readonly requestId: string | undefined;
}

export interface ManifestRequest {
  readonly method?: 'GET' | 'HEAD';
  /** The upstream, as engines say it: `?ns=docker.io`. */
  readonly ns?: string | undefined;
  /** Media types to accept instead of all OCI and Docker ones. */
  readonly accept?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** `digest` is computed from the bytes of a GET, told by the header of a HEAD (empty where the registry tells none). */
export interface ManifestAnswer extends RegistryAnswer {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes?: Buffer;
}

export interface BlobRequest {
  /** First and last byte, both included. */
  readonly range?: readonly [number, number];
  readonly ns?: string | undefined;
  /** Ends after the first piece of the body: `timings.totalMs` is then the time to the first byte of it. */
  readonly firstByteOnly?: boolean;
  /** Hears how many bytes came so far. */
  readonly onBytes?: (bytes: number) => void;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** `verified` says that the whole blob was read and has the digest it should. */
export interface BlobAnswer extends RegistryAnswer {
  readonly bytes: number;
  readonly verified: boolean;
}

export interface PullRequest {
  /** `linux/amd64`, `linux/arm/v7`. */
  readonly platform?: string;
  readonly ns?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A whole image came and every part of it has its digest. `bytes` counts manifests, configuration and layers. */
export interface PullAnswer {
  readonly digest: string;
  readonly bytes: number;
  readonly blobs: number;
  readonly requestIds: readonly string[];
  readonly totalMs: number;
}

/** Speaks the registry protocol to one address. Every failure is a Problem: see registry-problems.ts. */
export interface RegistryClient {
  /** `GET /v2/`; any status is an answer here, also 401. */
  ping(signal?: AbortSignal): Promise<RegistryAnswer>;
  manifest(repository: string, reference: string, request?: ManifestRequest): Promise<ManifestAnswer>;
  blob(repository: string, digest: string, request?: BlobRequest): Promise<BlobAnswer>;
  pull(repository: string, reference: string, request?: PullRequest): Promise<PullAnswer>;
  /** Drops the connections that `keepAlive` kept. */
  close(): void;
}

const mostRedirects = 5;
/** Layers fetched at once; what dockerd does. */
const layersAtOnce = 3;

const descriptorSchema = z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/), size: z.number().optional() });
const indexSchema = z.object({
  manifests: z.array(
    descriptorSchema.extend({
      platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).optional(),
    }),
  ),
});
const manifestSchema = z.object({ config: descriptorSchema, layers: z.array(descriptorSchema) });

export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const timeoutMs = options.timeoutMs ?? 15_000;
  const { lookup, keepAlive } = options;
  const exchange = createExchange({ identity: options.identity, timeoutMs, lookup, keepAlive });
  // Token services and the stores that blobs are redirected to are other people's: they never see our certificate.
  const elsewhere = createExchange({
    timeoutMs,
    lookup,
    ...(options.identity?.ca === undefined ? {} : { identity: { ca: options.identity.ca } }),
  });
  const base = new URL(options.baseUrl.endsWith('/') ? options.baseUrl : `${options.baseUrl}/`);
  const tokens = new Map<string, string>();

  const urlOf = (path: string, ns: string | undefined) => {
    const url = new URL(`v2/${path}`, base);
    if (ns !== undefined) url.searchParams.set('ns', ns);
    return url;
  };

  /** One request with what the protocol puts around it: an anonymous token when asked for one, redirects. */
  async function ask(request: ExchangeRequest, scopeKey: string): Promise<ExchangeAnswer> {
    const authorised = (): ExchangeRequest => {
      const token = tokens.get(scopeKey);
      return token === undefined
        ? request
        : { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
    };
    let answer = await exchange.send(authorised());
    const challenge =
      answer.status === 401 ? parseBearerChallenge(String(answer.headers['www-authenticate'] ?? '')) : undefined;
    if (challenge !== undefined) {
      tokens.set(scopeKey, await fetchToken(tokenUrl(challenge), request.signal));
      answer = await exchange.send(authorised());
    }
    let { url } = request;
    for (let hops = 0; isRedirect(answer); hops++) {
      if (hops >= mostRedirects || !leadsToHttp(answer.headers.location, url))
        throw new ProblemError(badStatus(whereOf(url), request.url.pathname, answer.status, answer.headers, ''));
      url = new URL(answer.headers.location ?? '', url);
      answer = await (url.origin === base.origin ? exchange : elsewhere).send({ ...request, url });
    }
    return answer;
  }

  async function fetchToken(url: URL, signal: AbortSignal | undefined): Promise<string> {
    const answer = await elsewhere.send({ url, method: 'GET', headers: { accept: 'application/json' }, signal });
    const text = answer.body.toString('utf8');
    if (answer.status !== 200)
      throw new ProblemError(badStatus(whereOf(url), 'the request for a token', answer.status, answer.headers, text));
    const parsed = z
      .object({ token: z.string().optional(), access_token: z.string().optional() })
      .safeParse(parseJson(text));
    const token = parsed.data?.token ?? parsed.data?.access_token;
    if (token === undefined)
      throw new ProblemError(badStatus(whereOf(url), 'the request for a token', answer.status, answer.headers, ''));
    return token;
  }

  const client: RegistryClient = {
    async ping(signal) {
      const answer = await exchange.send({ url: urlOf('', undefined), method: 'GET', headers: {}, signal });
      return answerOf(answer);
    },

    async manifest(repository, reference, request = {}) {
      const method = request.method ?? 'GET';
      const url = urlOf(`${repositoryPath(repository)}/manifests/${encodeURIComponent(reference)}`, request.ns);
      const headers = { accept: (request.accept ?? manifestTypes).join(', '), ...request.headers };
      const answer = await ask({ url, method, headers, signal: request.signal }, repository);
      refuseBadStatus(answer, url, `${method} ${repository}:${reference}`);
      const told = String(answer.headers['docker-content-digest'] ?? '');
      const mediaType = String(answer.headers['content-type'] ?? '');
      if (method === 'HEAD') return { ...answerOf(answer), digest: told, mediaType };
      const digest = digestOf(answer.body);
      const expected = reference.startsWith('sha256:') ? reference : told.startsWith('sha256:') ? told : digest;
      if (digest !== expected)
        throw new ProblemError(
          digestMismatch(whereOf(url), `The manifest ${repository}:${reference}`, expected, digest),
        );
      return { ...answerOf(answer), digest, mediaType, bytes: answer.body };
    },

    async blob(repository, digest, request = {}) {
      const url = urlOf(`${repositoryPath(repository)}/blobs/${digest}`, request.ns);
      const headers = {
        ...(request.range === undefined ? {} : { range: `bytes=${request.range.join('-')}` }),
        ...request.headers,
      };
      const hash = createHash('sha256');
      let bytes = 0;
      const onBody = (chunk: Buffer) => {
        bytes += chunk.length;
        hash.update(chunk);
        request.onBytes?.(bytes);
        return request.firstByteOnly !== true;
      };
      const answer = await ask({ url, method: 'GET', headers, signal: request.signal, onBody }, repository);
      refuseBadStatus(answer, url, `GET ${repository}@${digest}`);
      const whole = request.firstByteOnly !== true && answer.status !== 206;
      const found = `sha256:${hash.digest('hex')}`;
      if (whole && found !== digest)
        throw new ProblemError(digestMismatch(whereOf(url), `The blob ${repository}@${digest}`, digest, found));
      return { ...answerOf(answer), bytes, verified: whole };
    },

    async pull(repository, reference, request = {}) {
      const begin = performance.now();
      const { ns, signal, headers = {} } = request;
      const requestIds: string[] = [];
      const sizes: number[] = [];
      const note = (slot: number, size: number) => {
        sizes[slot] = size;
        request.onBytes?.(sizes.reduce((sum, each) => sum + (each ?? 0), 0));
      };
      const remember = (answer: RegistryAnswer) => {
        if (answer.requestId !== undefined) requestIds.push(answer.requestId);
      };
      const first = await client.manifest(repository, reference, { ns, signal, headers });
      remember(first);
      note(0, first.bytes?.length ?? 0);
      let manifest = first;
      if (indexTypes.some((type) => first.mediaType.startsWith(type))) {
        const child = childFor(first, request.platform ?? 'linux/amd64', repository, reference);
        manifest = await client.manifest(repository, child, { ns, signal, headers });
        remember(manifest);
        note(1, manifest.bytes?.length ?? 0);
      }
      const { config, layers } = parsedAs(manifestSchema, manifest, repository, reference);
      const queue = [...new Set([config, ...layers].map((each) => each.digest))].map((digest, at) => ({
        digest,
        slot: at + 2,
      }));
      const blobs = queue.length;
      const worker = async () => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const { digest, slot } = next;
          try {
            const onBytes = (bytes: number) => note(slot, bytes);
            remember(await client.blob(repository, digest, { ns, signal, headers, onBytes }));
          } catch (error) {
            // The pull has failed; the other workers fetch nothing more for it.
            queue.length = 0;
            throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: layersAtOnce }, worker));
      const bytes = sizes.reduce((sum, each) => sum + (each ?? 0), 0);
      return { digest: first.digest, bytes, blobs, requestIds, totalMs: performance.now() - begin };
    },

    close() {
      exchange.close();
      elsewhere.close();
    },
  };
  return client;
}

function answerOf({ status, headers, timings }: ExchangeAnswer): RegistryAnswer {
  const id = headers['x-edge-id'];
  return { status, headers, timings, requestId: typeof id === 'string' ? id : undefined };
}

function isRedirect(answer: ExchangeAnswer): boolean {
  return [301, 302, 303, 307, 308].includes(answer.status) && answer.headers.location !== undefined;
}

function refuseBadStatus(answer: ExchangeAnswer, url: URL, what: string): void {
  if (answer.status >= 200 && answer.status < 300) return;
  throw new ProblemError(badStatus(whereOf(url), what, answer.status, answer.headers, answer.body.toString('utf8')));
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function repositoryPath(repository: string): string {
  return repository.split('/').map(encodeURIComponent).join('/');
}

/** Whether a redirect goes where HTTP is spoken at all. */
function leadsToHttp(location: string | undefined, from: URL): boolean {
  return /^https?:$/.test(URL.parse(location ?? '', from.href)?.protocol ?? '');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parsedAs<T>(schema: z.ZodType<T>, manifest: ManifestAnswer, repository: string, reference: string): T {
  const parsed = schema.safeParse(parseJson(manifest.bytes?.toString('utf8') ?? ''));
  if (parsed.success) return parsed.data;
  return fail({
    code: 'manifest-invalid',
    message: `The manifest of ${repository}:${reference} cannot be understood (${manifest.mediaType}).`,
    hint: 'It may be of an old format, or not an image.',
  });
}

function childFor(index: ManifestAnswer, platform: string, repository: string, reference: string): string {
  const [os, architecture, variant] = platform.split('/');
  const { manifests } = parsedAs(indexSchema, index, repository, reference);
  const fits = manifests.filter((each) => each.platform?.os === os && each.platform?.architecture === architecture);
  const chosen = fits.find((each) => variant === undefined || each.platform?.variant === variant);
  if (chosen !== undefined) return chosen.digest;
  return fail({
    code: 'platform-missing',
    message: `${repository}:${reference} has no image for ${platform}.`,
    hint: 'Choose another platform or image.',
    detail: {
      found: manifests
        .map((each) =>
          [each.platform?.os, each.platform?.architecture, each.platform?.variant].filter(Boolean).join('/'),
        )
        .join(', '),
    },
  });
}
