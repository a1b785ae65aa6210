import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { extname } from 'node:path';
import { z } from 'zod';
import { assertNever } from '../../preload/contract/assert-never.ts';
import { fail, type Problem, problemSchema } from '../../preload/contract/problem.ts';
import { sudoProblem } from '../hosts/elevate.ts';
import type { Secret } from '../log/secret.ts';
import { type HelperProgram, helperProgram } from './helper-program.ts';

/** How the helper becomes root: it is root already, sudo asks nothing, sudo wants the password, or the desktop asks. */
export type Way = 'direct' | 'sudo' | 'sudo-password' | 'pkexec';

const ownHelper = helperProgram({
  here: import.meta.dirname,
  extension: extname(import.meta.filename),
  program: process.execPath,
  platform: process.platform,
});

/** What decides about the ways that are tried. */
export interface Circumstances {
  readonly uid: number;
  readonly passwordKnown: boolean;
  readonly terminal: boolean;
  /** A graphical session with an agent that can ask. */
  readonly session: boolean;
}

/** The ways to try, in order. Pure. sudo without a password always first: a password must not be spent where none is asked. */
export function waysToRoot({ uid, passwordKnown, terminal, session }: Circumstances): readonly Way[] {
  if (uid === 0) return ['direct'];
  if (passwordKnown) return ['sudo', 'sudo-password'];
  return session && !terminal ? ['sudo', 'pkexec'] : ['sudo'];
}

/**
 * Without it SIGUSR1 opens Node's debugger on a loopback port, by which anybody on this computer commands what runs as root. And sudo hands
 * the signals on that its caller's user sends to it. pkexec becomes the helper, which only root can send signals to.
 */
const noDebugger = '--disable-sigusr1';

/** The helper's command line by a way. Pure; nothing secret is in it. */
export function commandLine(way: Way, { node, helper }: HelperProgram): readonly [string, ...string[]] {
  switch (way) {
    case 'direct':
      return [node, helper];
    case 'sudo':
      return ['sudo', '-n', '--', node, noDebugger, helper];
    case 'sudo-password':
      return ['sudo', '-S', '-k', '-p', '', '--', node, noDebugger, helper];
    case 'pkexec':
      return ['pkexec', node, helper];
    default:
      return assertNever(way);
  }
}

/** This process's circumstances. */
export function circumstances(passwordKnown: boolean): Circumstances {
  return {
    uid: process.getuid?.() ?? -1,
    passwordKnown,
    terminal: process.stdin.isTTY,
    session: Boolean(process.env['WAYLAND_DISPLAY'] ?? process.env['DISPLAY']),
  };
}

const answerSchema = z.union([
  z.object({ ok: z.literal(true) }).loose(),
  z.object({ ok: z.literal(false), problem: problemSchema }),
]);

/** A started helper: requests go in and answers come out one by one. One password, or one click, for all of a switch. */
export interface HelperLine {
  /** The helper's answer; throws the Problem it answered with. A request that can be cancelled (a pull) is, by the signal, and answers. */
  ask(request: object, signal?: AbortSignal): Promise<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

/**
 * Starts the helper as root. Throws `sudo-password-needed`, `sudo-password-wrong`, `sudo-refused` or `helper-unreachable`.
 */
export async function startHelper(
  password: Secret | undefined,
  run: HelperProgram = ownHelper,
  around: Circumstances = circumstances(password !== undefined),
): Promise<HelperLine> {
  let said = '';
  for (const way of waysToRoot(around)) {
    const line = await tryWay(way, run, way === 'sudo-password' ? password : undefined);
    if (typeof line !== 'string') return line;
    // What sudo said decides the Problem: a dismissed dialogue leaves the way by password.
    if (way !== 'pkexec') said = line;
  }
  return fail(refusal(said, around.passwordKnown, run));
}

/** What sudo's words mean: a program that root cannot reach is "not found" to it, as in a mounted AppImage, which is its user's alone. Pure. */
export function refusal(said: string, passwordKnown: boolean, { node }: HelperProgram): Problem {
  if (!/: command not found|unable to execute/i.test(said))
    return sudoProblem(said, passwordKnown, 'this user on this computer');
  return {
    code: 'helper-unreachable',
    message: `Root cannot run ${node}. Nothing was changed.`,
    hint: 'From an AppImage that cannot be: install the deb or rpm, or start Mirrorfleet from the unpacked image (--appimage-extract).',
    retryable: false,
    detail: { sudo: said.trim().slice(0, 2000) },
  };
}

/** A running helper, or what was said instead. */
async function tryWay(way: Way, run: HelperProgram, password: Secret | undefined): Promise<HelperLine | string> {
  const [command, ...args] = commandLine(way, run);
  const child = spawn(command, args, {
    cwd: '/',
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', ...sessionOf(way) },
    stdio: 'pipe',
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
    // One try only: accounts are locked after a few wrong ones. The end of input makes sudo give up.
    if (way === 'sudo-password' && /try again|incorrect/i.test(said)) child.stdin.end();
  });
  child.stdin.on('error', () => undefined);
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      said += error.message;
      resolve();
    });
    child.once('close', () => resolve());
  });
  if (password !== undefined) child.stdin.write(`${password.reveal()}\n`);
  child.stdin.write('{"verb":"hello"}\n');
  const greeting = await Promise.race([answers.next(), ended.then(() => undefined)]);
  if (greeting === undefined || greeting.done === true) {
    child.stdin.end();
    await ended;
    return said;
  }
  return helperLine(child, answers, ended);
}

/** pkexec finds the agent to ask by the caller's session. */
function sessionOf(way: Way): Readonly<Record<string, string>> {
  if (way !== 'pkexec') return {};
  const names = ['DISPLAY', 'WAYLAND_DISPLAY', 'XDG_RUNTIME_DIR', 'XDG_SESSION_ID', 'DBUS_SESSION_BUS_ADDRESS'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function helperLine(
  child: ChildProcessWithoutNullStreams,
  answers: AsyncIterator<string>,
  ended: Promise<void>,
): HelperLine {
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (request: object, signal: AbortSignal | undefined) => {
    signal?.throwIfAborted();
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const cancel = () => child.stdin.write('{"verb":"cancel"}\n');
    signal?.addEventListener('abort', cancel, { once: true });
    const line = await answers.next().finally(() => signal?.removeEventListener('abort', cancel));
    if (line.done === true)
      return fail({
        code: 'helper-ended',
        message: 'The helper that writes as root ended before it answered; how far it came is not known.',
        hint: 'See where the engine is with "mirrorfleet status", then switch again, or to direct.',
        retryable: true,
      });
    const answer = answerSchema.parse(JSON.parse(line.value));
    return answer.ok ? answer : fail(answer.problem);
  };
  return {
    ask: (request, signal) => {
      const next = last.then(() => ask(request, signal));
      last = next.catch(() => undefined);
      return next;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
