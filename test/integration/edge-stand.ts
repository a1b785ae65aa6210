import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  type Authority,
  createAuthority,
  createRevocationList,
  issueClient,
  issueServer,
} from '../../main/certificates/authority.ts';
import { type EdgeLogLine, parseEdgeLogLine } from '../../main/fleet/edge-log.ts';
import { edgeHostNames, metricsHeader } from '../../main/fleet/edge-names.ts';
import { mirrorService, nodeLayout, storageName, twinService } from '../../main/fleet/node-layout.ts';
import { upstreamOf } from '../../main/fleet/upstreams.ts';
import { Secret } from '../../main/log/secret.ts';
import { envoyUser, mirrorPort, registryUser, twinPort } from '../../main/provision/render/container-paths.ts';
import type { NodeFilesInput } from '../../main/provision/render/node-files.ts';
import { renderNodeFiles } from '../../main/provision/render/render-node-files.ts';
import { envoyBinary, registryBinary } from '../lab/artefacts.ts';
import { type CommandResult, runCommand } from '../lab/command.ts';
import { publishImage } from './edge-image.ts';
import { address, enterWorld, prepareWorld, serviceAddress, writeNode } from './edge-world.ts';

const registryUid = String(registryUser.uid);
/** What every stand's metrics port is asked with. */
export const metricsToken = new Secret('the-token-of-the-stand');
const envoyUid = String(envoyUser.uid);

/** An answer as curl got it. `code` is curl's own: 0, or why there was no answer. */
export interface Answer {
  readonly code: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly seconds: number;
}

/**
 * A whole node as processes: the rendered files, unchanged, under the container's paths; real upstreams with TLS under their real
 * names; Envoy and registries as the containers' users. It lives in a network and mount namespace of its own, so that nothing of it is
 * on this machine, and no port or name can clash.
 */
export class EdgeStand {
  readonly base: string;
  readonly authority: Authority;
  readonly input: NodeFilesInput;
  readonly #holder: ChildProcess;
  readonly #processes = new Map<string, ChildProcess>();

  private constructor(base: string, authority: Authority, input: NodeFilesInput, holder: ChildProcess) {
    this.base = base;
    this.authority = authority;
    this.input = input;
    this.#holder = holder;
  }

  /** Starts upstreams, mirrors, twin and edge, and waits until the edge answers. */
  static async start(upstreams: readonly string[]): Promise<EdgeStand> {
    const base = await mkdtemp(join(tmpdir(), 'mirrorfleet-edge-'));
    await chmod(base, 0o755);
    const authority = await createAuthority();
    const server = await issueServer(authority, {
      names: [...edgeHostNames(address, upstreams), 'docker.io', 'ghcr.io'],
      days: 30,
    });
    const input: NodeFilesInput = {
      spec: { upstreams: [...upstreams], address, port: 443 },
      layout: nodeLayout({ base }),
      images: { registry: 'registry:3.1.1', envoy: 'envoy:1.40.0' },
      server,
      clientCa: authority.certificate,
      crl: await createRevocationList(authority, []),
      metricsToken,
    };
    await writeNode(input);
    const world = await prepareWorld(base, upstreams);
    const holder = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', 'unshare', '--mount', '--net', 'sh', '-euc', enterWorld, 'world'],
      {
        env: {
          PATH: process.env['PATH'],
          BASE: base,
          REGISTRY: await registryBinary(),
          ENVOY: await envoyBinary(),
          ...world,
        },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    await once(holder.stdout ?? holder, 'data');
    const stand = new EdgeStand(base, authority, input, holder);
    try {
      await stand.#startAll(upstreams);
      return stand;
    } catch (error) {
      const said = await stand.output('envoy').catch(() => '');
      await stand.close();
      throw new Error(`The edge did not start. Envoy said:\n${said}`, { cause: error });
    }
  }

  async #startAll(upstreams: readonly string[]): Promise<void> {
    for (const upstream of upstreams) {
      this.startUpstream(upstream);
      this.startRegistry(upstream);
    }
    this.startRegistry(twinService);
    this.startEnvoy();
    await this.client('laptop');
    await waitFor(async () => (await this.ask('/v2/')).status === 200, 'the edge answers');
  }

  startUpstream(upstream: string): void {
    this.#spawn(`upstream ${upstream}`, registryUid, ['/etc/stand/registry', 'serve', `/etc/stand/${upstream}.yml`]);
  }

  /** A mirror, or the twin. Listens on an address of its own: containers have their own, processes here share one. Or on another mirror's. */
  startRegistry(name: string, whose: string = name): void {
    const config = name === twinService ? twinService : storageName(name);
    const ip = this.addressOf(whose);
    this.#spawn(
      `mirror ${name}`,
      registryUid,
      ['/etc/stand/registry', 'serve', join(this.base, `registry/${config}.yml`)],
      {
        REGISTRY_HTTP_ADDR: `${ip}:${name === twinService ? twinPort : mirrorPort(name)}`,
        REGISTRY_HTTP_DEBUG_ADDR: `${ip}:5001`,
        OTEL_TRACES_EXPORTER: 'none',
      },
    );
  }

  addressOf(name: string): string {
    return serviceAddress(name === twinService ? twinService : mirrorService(name), this.input.spec.upstreams);
  }

  /** With the flags that the Compose file gives. */
  startEnvoy(): void {
    const text = renderNodeFiles(this.input).find(({ path }) => path === 'compose.yaml')?.text ?? '';
    const compose = parse(text) as { services: { envoy: { command: readonly string[] } } };
    this.#spawn('envoy', envoyUid, ['/etc/stand/envoy', ...compose.services.envoy.command]);
  }

  signal(name: string, signal: NodeJS.Signals): void {
    this.#processes.get(name)?.kill(signal);
  }

  async stop(name: string): Promise<void> {
    const child = this.#processes.get(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** What a process has said so far. */
  output(name: string): Promise<string> {
    return readFile(join(this.base, 'output', name.replaceAll(' ', '-')), 'utf8');
  }

  run(argv: readonly string[], input?: string): Promise<CommandResult> {
    const enter = ['nsenter', '--target', String(this.#holder.pid), '--mount', '--net', '--'];
    return runCommand([...enter, ...argv], { ...(input === undefined ? {} : { input }), timeoutMs: 60_000 });
  }

  /** Makes a client certificate and keeps it under a name; answers what the edge will log of it. */
  async client(name: string): Promise<{ serial: string; fingerprint: string }> {
    const issued = await issueClient(this.authority, { name });
    await writeFile(join(this.base, `${name}.pem`), issued.certificate + issued.key.reveal());
    return issued;
  }

  async curl(url: string, ...more: readonly string[]): Promise<Answer> {
    const result = await this.run(['curl', '-sS', '-i', '-w', '\n%{http_code} %{time_total}', ...more, url]);
    const [, text = '', status = '0', seconds = '0'] = /^([^]*)\n(\d+) ([\d.]+)$/.exec(result.stdout) ?? [];
    const [head = '', ...body] = text.split('\r\n\r\n');
    const headers = head
      .split('\r\n')
      .slice(1)
      .map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      });
    return {
      code: result.code,
      status: Number(status),
      headers: Object.fromEntries(headers),
      body: result.code === 0 ? body.join('\r\n\r\n') : result.stderr,
      seconds: Number(seconds),
    };
  }

  /** A request to the edge with the laptop's certificate, or with `client`'s; `host` is the name it is asked under. */
  ask(
    path: string,
    options: { client?: string | undefined; host?: string; more?: readonly string[] } = {},
  ): Promise<Answer> {
    const host = options.host ?? address;
    const client = 'client' in options ? options.client : 'laptop';
    return this.curl(
      `https://${host}:8443${path}`,
      '--connect-to',
      `${host}:8443:127.0.0.1:8443`,
      '--cacert',
      join(this.base, 'ca.pem'),
      '--path-as-is',
      '-H',
      'Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json',
      ...(client === undefined ? [] : ['--cert', join(this.base, `${client}.pem`)]),
      ...(options.more ?? []),
    );
  }

  metrics(path: string): Promise<Answer> {
    return this.curl(`http://127.0.0.1:9902${path}`, '-H', `${metricsHeader}: ${metricsToken.reveal()}`);
  }

  async stat(name: string): Promise<string> {
    const { body } = await this.metrics(
      `/stats?filter=^${name.replaceAll('.', '[.]')}$`.replaceAll(/[[\]^$]/g, encodeURIComponent),
    );
    return body.trim().replace(`${name}: `, '').replaceAll('"', '');
  }

  /** The access log's line of a request (on Envoy's standard output), which comes a moment late. */
  async logLine(id: string | undefined): Promise<EdgeLogLine> {
    let found: EdgeLogLine | undefined;
    await waitFor(async () => {
      const text = await readFile(join(this.base, 'output', 'envoy'), 'utf8');
      found = text
        .split('\n')
        .map(parseEdgeLogLine)
        .find((line) => line?.id === id && id !== undefined);
      return found !== undefined;
    }, `the access log has ${id}`);
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  /** Replaces one of the node's files as an apply does: written beside it, renamed over it. */
  async push(path: string, text: string): Promise<void> {
    const target = join(this.base, path);
    await writeFile(join(this.base, 'incoming'), text);
    await rename(join(this.base, 'incoming'), target);
  }

  /** Puts an image of one layer on an upstream: the layer holds `content`. Answers the digests. */
  async publish(
    upstream: string,
    repository: string,
    tag: string,
    content: string,
  ): Promise<{ manifest: string; layer: string }> {
    return publishImage(this, new URL(upstreamOf(upstream).registry).host, { repository, tag, content });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#processes.keys()].map((name) => this.stop(name)));
    const gone = once(this.#holder, 'exit');
    this.#holder.kill('SIGKILL');
    await gone;
    await rm(this.base, { recursive: true, force: true });
  }

  #spawn(name: string, uid: string, argv: readonly string[], env: NodeJS.ProcessEnv = {}): void {
    const enter = ['nsenter', '--target', String(this.#holder.pid), '--mount', '--net', '--'];
    const user = [
      'setpriv',
      '--reuid',
      uid,
      '--regid',
      uid,
      '--clear-groups',
      '--no-new-privs',
      '--pdeathsig',
      'KILL',
      '--',
    ];
    const log = join(this.base, 'output', name.replaceAll(' ', '-'));
    const [program = '', ...rest] = [
      ...enter,
      'sh',
      '-c',
      'log=$1; shift; exec "$@" >>"$log" 2>&1',
      'log',
      log,
      ...user,
      ...argv,
    ];
    const child = spawn(program, rest, {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt', ...env },
    });
    this.#processes.set(name, child);
  }
}

/** Waits for a state; never for a time. */
export async function waitFor(state: () => Promise<boolean>, what: string, milliseconds = 20_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await state())) {
    if (Date.now() > end) throw new Error(`Waited in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
