import { connect as dial } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type ConnectConfig } from 'ssh2';
import type { HostKey, SshTarget } from '../../preload/contract/node.ts';
import { ProblemError, fail, problemOf } from '../../preload/contract/problem.ts';
import type { Log } from '../log/log.ts';
import { gatherWrites } from './gather-writes.ts';
import { type HostKeyStore, type HostKeyVerdict, judgeHostKey, readKnownHosts } from './host-keys.ts';
import { knownTypes } from './known-hosts.ts';
import { type SshConnection, connectionOf } from './ssh-channels.ts';
import { type SshDestination, type SshSettings, resolveSshTarget } from './ssh-config.ts';
import { type HostSecrets, type LoginPlan, planLogin } from './ssh-identities.ts';
import { type Peer, connectionLost, unreachable } from './ssh-problems.ts';

/** What is needed to reach a machine. Times in ms: `connectMs` for dialling and for the handshake each, a dead peer is noticed after 4 × `keepaliveMs` (default 5 000). */
export interface SshRoute {
  readonly name: string;
  readonly target: SshTarget;
  readonly secrets: HostSecrets;
  readonly hostKeys: HostKeyStore;
  readonly log: Log;
  readonly settings?: SshSettings;
  readonly connectMs?: number;
  readonly keepaliveMs?: number;
}

/** Deepest chain of jump hosts followed; configuration that jumps in a circle ends here. */
const deepest = 8;

/** How long a closing connection waits for the other side, in ms. */
const goodbyeMs = 1_000;

/** Dials, checks the host key, logs in. Through jump hosts one connection carries the next; each host's key is checked the same way. */
export async function openConnection(route: SshRoute, depth = 0): Promise<SshConnection> {
  const destination = await resolveSshTarget(route.target, route.settings);
  const way = await openWay(route, destination, depth);
  try {
    const entries = await readKnownHosts(destination.knownHostsFiles);
    const login = await planLogin(destination, route.secrets, route.target.identityFile);
    const judge = (key: Buffer) =>
      judgeHostKey(destination.hostKeyName, key, entries, route.hostKeys.pinned(destination.hostKeyName));
    const types = knownTypes(entries, destination.hostKeyName);
    return await handshake(route, destination, way, { login, judge, types });
  } catch (error) {
    way.close();
    throw error;
  }
}

/**
 * The key of the first server on the way that nothing vouches for yet, else the target's own. Each is looked at before anything is
 * sent to it; jump hosts before it are logged in to, because there is no other way.
 */
export async function lookAtHostKey(
  target: SshTarget,
  route: Omit<SshRoute, 'target' | 'name'> & { readonly name?: string },
): Promise<HostKey & { known: boolean }> {
  const full: SshRoute = { ...route, name: route.name ?? target.destination, target };
  const destination = await resolveSshTarget(target, route.settings);
  let way: Way;
  try {
    way = await openWay(full, destination, 0);
  } catch (error) {
    const detail = problemOf(error).code === 'host-key-unknown' ? problemOf(error).detail : undefined;
    if (detail?.['host'] && detail['type'] && detail['fingerprint']) {
      return { host: detail['host'], type: detail['type'], fingerprint: detail['fingerprint'], known: false };
    }
    throw error;
  }
  try {
    const entries = await readKnownHosts(destination.knownHostsFiles);
    const pinned = route.hostKeys.pinned(destination.hostKeyName);
    const verdict = await glance(full, destination, way, knownTypes(entries, destination.hostKeyName), (key) =>
      judgeHostKey(destination.hostKeyName, key, entries, pinned),
    );
    if (verdict.kind === 'refused' && verdict.problem.code !== 'host-key-unknown')
      throw new ProblemError(verdict.problem);
    return { ...verdict.key, known: verdict.kind === 'trusted' };
  } finally {
    way.close();
  }
}

/** A byte stream to the server's sshd, and what must be closed after it. */
interface Way {
  readonly stream: Duplex;
  close(): void;
}

async function openWay(route: SshRoute, destination: SshDestination, depth: number): Promise<Way> {
  if (destination.proxyCommand !== undefined) {
    fail({
      code: 'proxy-command-unsupported',
      message: `Your SSH configuration reaches ${destination.hostname} by a ProxyCommand, which is not supported. Nothing was contacted.`,
      hint: 'Use ProxyJump in ~/.ssh/config, or name the jump host.',
    });
  }
  const jump = destination.jumps.at(-1);
  if (jump === undefined) {
    const socket = await dialTcp(destination, route);
    return { stream: socket, close: () => socket.destroy() };
  }
  if (depth >= deepest) {
    fail({
      code: 'jump-chain-too-long',
      message: `More than ${deepest} jump hosts lead to ${destination.hostname}. Nothing was sent to it.`,
      hint: 'Look for a circle in the ProxyJump lines of ~/.ssh/config.',
    });
  }
  // A password belongs to one machine: jump hosts get keys only, and the passphrase never leaves this computer. The key file named for
  // the node is offered to them too, which ssh would not do; nobody should need a configuration file for that.
  const before = destination.jumps.slice(0, -1).join(',');
  const { passphrase } = route.secrets;
  const { identityFile } = route.target;
  const carrier = await openConnection(
    {
      ...route,
      name: `${jump} (jump host to ${route.name})`,
      target: {
        destination: jump,
        ...(before === '' ? {} : { jump: before }),
        ...(identityFile === undefined ? {} : { identityFile }),
      },
      secrets: { passphrase },
    },
    depth + 1,
  );
  try {
    const stream = await carrier.forward(destination.hostname, destination.port);
    return {
      stream,
      close: () => {
        stream.destroy();
        carrier.close();
      },
    };
  } catch (error) {
    carrier.close();
    if (problemOf(error).code !== 'port-forward-refused') throw error;
    return fail({
      code: 'host-unreachable',
      message: `${route.name} could not be reached: the jump host ${jump} cannot open ${destination.hostname} port ${destination.port}. Nothing was changed.`,
      hint: 'Check the address as the jump host sees it, and that its sshd allows forwarding.',
      retryable: true,
      detail: problemOf(error).detail ?? {},
    });
  }
}

function dialTcp(destination: SshDestination, route: SshRoute): Promise<Duplex> {
  const limit = route.connectMs ?? 10_000;
  return new Promise((resolve, reject) => {
    const socket = dial({ host: destination.hostname, port: destination.port });
    gatherWrites(socket);
    // Without this, Nagle's algorithm and delayed acknowledgements add about 80 ms to every command.
    socket.setNoDelay(true);
    const timer = setTimeout(() => socket.destroy(new Error('timed out')), limit);
    socket.once('connect', () => {
      clearTimeout(timer);
      // Its error listener stays: between here and the handshake nobody else listens, and an error nobody hears ends the core.
      resolve(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(new ProblemError(unreachable(peerOf(route, destination), error), { cause: error }));
    });
  });
}

function peerOf(route: SshRoute, destination: SshDestination): Peer {
  return { name: route.name, hostname: destination.hostname, port: destination.port };
}

/** Asks first for the key types known_hosts can compare; otherwise ssh2's own order, without naming ciphers (chacha20 is not everywhere). */
function baseConfig(way: Way, route: SshRoute, types: readonly string[]): ConnectConfig {
  const first = types.flatMap((type) => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type]));
  const config: ConnectConfig = {
    sock: way.stream,
    readyTimeout: route.connectMs ?? 10_000,
    keepaliveInterval: route.keepaliveMs ?? 5_000,
    keepaliveCountMax: 3,
  };
  const supported = first.filter((type): type is (typeof comparable)[number] =>
    comparable.some((each) => each === type),
  );
  if (supported.length > 0) config.algorithms = { serverHostKey: { append: [], prepend: supported, remove: [] } };
  return config;
}

const comparable = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;

/** Goes as far as the server's key and no further. */
function glance(
  route: SshRoute,
  destination: SshDestination,
  way: Way,
  types: readonly string[],
  judge: (key: Buffer) => HostKeyVerdict,
): Promise<HostKeyVerdict> {
  return new Promise((resolve, reject) => {
    if (way.stream.destroyed) return reject(goneEarly(peerOf(route, destination), way));
    const client = new ssh2.Client();
    client.on('error', (error) =>
      reject(new ProblemError(unreachable(peerOf(route, destination), error), { cause: error })),
    );
    client.on('close', () =>
      reject(new ProblemError(unreachable(peerOf(route, destination), new Error('closed early')))),
    );
    client.connect({
      ...baseConfig(way, route, types),
      username: destination.user,
      hostVerifier: (key: Buffer, verify: (accept: boolean) => void) => {
        resolve(judge(key));
        verify(false);
      },
    });
  });
}

interface Handshake {
  readonly login: LoginPlan;
  readonly judge: (key: Buffer) => HostKeyVerdict;
  readonly types: readonly string[];
}

/** The server hung up before the handshake began; ssh2 would wait for a stream that says nothing any more. */
function goneEarly(peer: Peer, { stream }: Way): ProblemError {
  return new ProblemError(unreachable(peer, stream.errored ?? new Error('closed early')));
}

async function handshake(
  route: SshRoute,
  destination: SshDestination,
  way: Way,
  { login, judge, types }: Handshake,
): Promise<SshConnection> {
  if (way.stream.destroyed) throw goneEarly(peerOf(route, destination), way);
  const { promise, resolve, reject } = Promise.withResolvers<SshConnection>();
  const client = new ssh2.Client();
  const lost = new AbortController();
  const peer = peerOf(route, destination);
  let refused: ProblemError | undefined;
  let verified = false;
  let ready = false;
  let cause = 'the other side closed it';
  let methodsLeft: readonly string[] = [];
  const waiting = [...login.attempts];

  client.on('error', (error) => {
    // A broken agent is not the end: ssh2 goes on with the next attempt by itself.
    if (error.level === 'agent') return;
    if (ready) {
      cause = error.level === 'client-timeout' ? 'no answer to keepalives' : error.message;
      client.destroy();
      return;
    }
    if (refused === undefined && error.level === 'client-authentication')
      refused = new ProblemError(login.explain(methodsLeft));
    reject(refused ?? new ProblemError(unreachable(peer, error), { cause: error }));
  });
  client.on('close', () => {
    way.close();
    if (ready) lost.abort(new ProblemError(connectionLost(route.name, cause)));
    const left = verified ? login.explain(methodsLeft) : unreachable(peer, new Error('closed early'));
    reject(refused ?? new ProblemError(left));
  });
  client.on('ready', () => {
    ready = true;
    const close = () => {
      cause = 'it was closed here';
      client.end();
      // A peer that is gone never answers the goodbye.
      setTimeout(() => client.destroy(), goodbyeMs).unref();
    };
    resolve(connectionOf(route.name, destination, client, lost.signal, close));
  });
  client.connect({
    ...baseConfig(way, route, types),
    username: destination.user,
    hostVerifier: (key: Buffer, verify: (accept: boolean) => void) => {
      const verdict = judge(key);
      if (verdict.kind === 'refused') refused = new ProblemError(verdict.problem);
      verified = verdict.kind === 'trusted';
      verify(verified);
    },
    authHandler: (left, _partial, next) => {
      // The first call comes before the server named its methods: `none` makes it name them.
      if (!Array.isArray(left)) return next({ type: 'none', username: destination.user });
      methodsLeft = left;
      for (let attempt = waiting.shift(); attempt !== undefined; attempt = waiting.shift()) {
        if (!methodsLeft.includes(attempt.needs)) continue;
        route.log.debug('login attempt', { host: route.name, by: attempt.label });
        return next(attempt.method);
      }
      refused = new ProblemError(login.explain(methodsLeft));
      // ssh2 takes `false` for "nothing left", which its types leave out.
      Reflect.apply(next, undefined, [false]);
    },
  });
  return promise;
}
