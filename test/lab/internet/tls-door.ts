import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type Server, type Socket, createServer } from 'node:net';
import { type SecureContext, createSecureContext } from 'node:tls';
import { readClientHello } from './client-hello.ts';
import type { CertificateFiles } from './lab-authority.ts';
import { type UpstreamName, upstreamByHost } from './upstreams.ts';

/** How an upstream is unreachable: connections are reset at once, or nothing is ever answered (a black hole). */
export type CutMode = 'reset' | 'silent';

/** Port 443 of all upstreams: reads the wanted name from the first bytes, so that a cut upstream fails below TLS. */
export class TlsDoor {
  readonly #cuts = new Map<UpstreamName, CutMode>();
  readonly #open = new Map<UpstreamName, Set<Socket>>();
  readonly #server: Server;

  constructor(contexts: ReadonlyMap<UpstreamName, SecureContext>, listener: RequestListener) {
    const contextFor = (host: string): SecureContext | undefined => {
      const upstream = upstreamByHost(host);
      return upstream && contexts.get(upstream.name);
    };
    const https = createHttpsServer(
      {
        ALPNProtocols: ['http/1.1'],
        SNICallback: (host, done) => {
          const context = contextFor(host);
          if (context) done(null, context);
          else done(new Error(`no upstream is called ${host}`));
        },
      },
      listener,
    );
    https.requestTimeout = 0;
    https.keepAliveTimeout = 60_000;
    https.on('tlsClientError', () => undefined);
    this.#server = createServer((socket) => {
      socket.on('error', () => undefined);
      this.#admit(socket, Buffer.alloc(0), (ready) => https.emit('connection', ready));
    });
  }

  /** Rejects when the port is taken. */
  async listen(address: string, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(port, address, resolve);
    });
  }

  /** Makes an upstream unreachable on all its names; its open connections are reset in both modes. */
  cut(upstream: UpstreamName, mode: CutMode): void {
    this.#cuts.set(upstream, mode);
    for (const socket of this.#open.get(upstream) ?? []) socket.resetAndDestroy();
  }

  restore(upstream?: UpstreamName): void {
    if (upstream === undefined) this.#cuts.clear();
    else this.#cuts.delete(upstream);
  }

  #admit(socket: Socket, before: Buffer, pass: (socket: Socket) => void): void {
    socket.once('data', (chunk: Buffer) => {
      socket.pause();
      const bytes = Buffer.concat([before, chunk]);
      const hello = readClientHello(bytes);
      if (hello === 'incomplete') {
        this.#admit(socket, bytes, pass);
        socket.resume();
        return;
      }
      const upstream = hello.name === undefined ? undefined : upstreamByHost(hello.name);
      const mode = upstream && this.#cuts.get(upstream.name);
      if (mode === 'reset') return void socket.resetAndDestroy();
      // A silent one is left to its client's patience.
      if (mode === 'silent') return void socket.resume();
      if (upstream) this.#remember(upstream.name, socket);
      socket.unshift(bytes);
      pass(socket);
    });
  }

  #remember(upstream: UpstreamName, socket: Socket): void {
    const sockets = this.#open.get(upstream) ?? new Set();
    this.#open.set(upstream, sockets.add(socket));
    socket.once('close', () => sockets.delete(socket));
  }
}

/** Loads one certificate per upstream. */
export async function loadContexts(
  files: ReadonlyMap<UpstreamName, CertificateFiles>,
): Promise<ReadonlyMap<UpstreamName, SecureContext>> {
  const contexts = new Map<UpstreamName, SecureContext>();
  for (const [name, { certificate, key }] of files) {
    contexts.set(name, createSecureContext({ cert: await readFile(certificate), key: await readFile(key) }));
  }
  return contexts;
}
