import type { Duplex } from 'node:stream';
import { ProblemError } from '../../preload/contract/problem.ts';
import { ChannelSlots } from './channel-slots.ts';
import { type Elevation, elevationProbe, readElevation } from './elevate.ts';
import { type Envelope, argvOf, wrap } from './envelope.ts';
import type { Command, CommandResult, FileFound, Host, ReplaceOptions } from './host.ts';
import { failWith, fileFrom, readScript, removeScript, replaceArguments, replaceScript } from './remote-files.ts';
import type { SshConnection } from './ssh-channels.ts';
import { type SshRoute, openConnection } from './ssh-connection.ts';
import { connectionLost } from './ssh-problems.ts';
import { sshProgram, stopScript } from './ssh-program.ts';
import { type RawResult, cancellation, supervise } from './supervise.ts';

export { lookAtHostKey } from './ssh-connection.ts';
export type { HostSecrets } from './ssh-identities.ts';

/** sshd refuses the eleventh session of a connection (MaxSessions 10): eight for commands, two for ending commands. */
const channels = 8;
const stopChannels = 2;
/** Largest file read unless said otherwise: configuration, not data. */
const defaultFileLimit = 8 * 1024 * 1024;

/**
 * Connects to a machine by SSH: known_hosts and pins decide whether it is talked to, then the agent, key files or the password log in.
 * Problems: `destination-invalid`, `host-unreachable`, `host-key-unknown`, `host-key-changed`, `host-key-revoked`,
 * `ssh-passphrase-needed`, `ssh-passphrase-wrong`, `ssh-password-needed`, `ssh-password-wrong`, `ssh-key-unreadable`, `ssh-login-refused`.
 */
export async function connectSsh(options: SshRoute): Promise<Host> {
  const host = new SshHost(options);
  await host.connected();
  return host;
}

class SshHost implements Host {
  readonly name: string;
  readonly #route: SshRoute;
  readonly #slots = new ChannelSlots(channels);
  readonly #stopSlots = new ChannelSlots(stopChannels);
  readonly #elevations = new WeakMap<SshConnection, Promise<Elevation>>();
  #connection: Promise<SshConnection> | undefined;
  #roundTrips = 0;
  #closed = false;

  constructor(route: SshRoute) {
    this.name = route.name;
    this.#route = route;
  }

  get roundTrips(): number {
    return this.#roundTrips;
  }

  /** The live connection, made anew when the last one died. */
  connected(): Promise<SshConnection> {
    if (this.#closed) return Promise.reject(new ProblemError(connectionLost(this.name, 'it was closed here')));
    if (this.#connection !== undefined) return this.#connection;
    const forget = () => {
      if (this.#connection === attempt) this.#connection = undefined;
    };
    const attempt = openConnection(this.#route).then((connection) => {
      connection.lost.addEventListener('abort', forget, { once: true });
      if (connection.lost.aborted) forget();
      if (this.#closed) connection.close();
      return connection;
    });
    this.#connection = attempt;
    attempt.catch(forget);
    return attempt;
  }

  async run(command: Command): Promise<CommandResult> {
    const { code, stdout, stderr } = await this.#run(command);
    return { code, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
  }

  async readFile(
    path: string,
    options: { elevated?: boolean; maxBytes?: number } = {},
  ): Promise<FileFound | undefined> {
    const limit = options.maxBytes ?? defaultFileLimit;
    const result = await this.#script(readScript, [absolute(path), String(limit)], options.elevated, {
      maxOutputBytes: limit + 4096,
    });
    return fileFrom(result.stdout, this.name, path);
  }

  async replaceFile(path: string, bytes: Uint8Array, options: ReplaceOptions): Promise<void> {
    const result = await this.#script(
      replaceScript,
      replaceArguments(absolute(path), bytes, options),
      options.elevated,
      { input: bytes },
    );
    this.#expectDone(result, 'replace', path);
  }

  async removeFile(path: string, options: { elevated?: boolean } = {}): Promise<void> {
    this.#expectDone(await this.#script(removeScript, [absolute(path)], options.elevated), 'remove', path);
  }

  async connect(port: number, hostname = '127.0.0.1'): Promise<Duplex> {
    return (await this.connected()).forward(hostname, port);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const connection = await this.#connection?.catch(() => undefined);
    this.#connection = undefined;
    connection?.close();
  }

  #script(
    script: string,
    args: readonly string[],
    elevated: boolean | undefined,
    more: Partial<Command> = {},
  ): Promise<RawResult> {
    return this.#run({
      ...more,
      argv: ['sh', '-c', script, 'sh', ...args],
      ...(elevated === undefined ? {} : { elevated }),
    });
  }

  #expectDone(result: RawResult, verb: 'replace' | 'remove', path: string): void {
    const answer = result.stdout.toString('utf8').trim();
    if (answer !== 'done') failWith(answer || result.stderr.toString('utf8'), verb, this.name, path);
  }

  #run(command: Command): Promise<RawResult> {
    return this.#slots.hold(async () => {
      if (command.signal?.aborted) throw cancellation(command, this.name);
      const connection = await this.connected();
      const elevation = command.elevated === true ? await this.#elevation(connection) : undefined;
      return this.#exec(connection, command, wrap(argvOf(command), elevation));
    });
  }

  async #exec(connection: SshConnection, command: Command, envelope: Envelope): Promise<RawResult> {
    this.#roundTrips++;
    const channel = await connection.exec(envelope.commandLine);
    const program = sshProgram(connection, channel, {
      name: this.name,
      envelope,
      sudoPassword: this.#route.secrets.sudoPassword,
      // Beside the slots of commands: one must be stoppable while all of them are taken.
      endGroup: (pids) => this.#stopSlots.hold(() => this.#endGroup(connection, pids, envelope.elevated)),
    });
    return supervise(program, command, this.name);
  }

  async #endGroup(connection: SshConnection, pids: readonly number[], elevated: boolean): Promise<void> {
    const argv = ['sh', '-c', stopScript, 'sh', ...pids.map(String)];
    const elevation = elevated ? await this.#elevation(connection) : undefined;
    await this.#exec(connection, { argv, timeoutMs: 5_000 }, wrap(argv, elevation));
  }

  /** How this login becomes root; asked once per connection, and not at all for the user root. */
  #elevation(connection: SshConnection): Promise<Elevation> {
    if (connection.destination.user === 'root') return Promise.resolve('root');
    const known = this.#elevations.get(connection);
    if (known !== undefined) return known;
    const asked = this.#askElevation(connection);
    this.#elevations.set(connection, asked);
    // A refusal is not remembered: the person may have changed the server meanwhile.
    asked.catch(() => this.#elevations.delete(connection));
    return asked;
  }

  async #askElevation(connection: SshConnection): Promise<Elevation> {
    const password = this.#route.secrets.sudoPassword;
    const argv = ['sh', '-c', elevationProbe, 'sh', password === undefined ? 'unknown' : 'known'];
    const command: Command = {
      argv,
      timeoutMs: 30_000,
      ...(password === undefined ? {} : { input: `${password.reveal()}\n` }),
    };
    const result = await this.#exec(connection, command, wrap(argv, undefined));
    const found = readElevation(
      result.stdout.toString('utf8'),
      password !== undefined,
      `${connection.destination.user}@${this.name}`,
    );
    if (typeof found !== 'string') throw new ProblemError(found);
    this.#route.log.debug('elevation found', { host: this.name, elevation: found });
    return found;
  }
}

/** Scripts get absolute paths only, so that no path can be taken for an option or depend on a working folder. */
function absolute(path: string): string {
  if (!path.startsWith('/')) throw new Error(`Not an absolute path: ${path}`);
  return path;
}
