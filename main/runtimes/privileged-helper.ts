/**
 * The one program of Mirrorfleet that runs as root on this computer, made of the `privileged-…` files beside it and nothing else (`node:`
 * imports only), so that it can be read in one sitting. It reads requests from standard input, one JSON object a line, answers each with
 * one line, and ends with its input: `hello` first (lines before it are thrown away), then `status`, `apply`, `rollback`, `forget`, `tidy`,
 * `reload`, `restart`, `cri-…`. `cancel` alone is heard at once and has no answer: a pull that runs ends then, and answers. It writes nothing outside the paths of privileged-request.ts and runs nothing but
 * `cp --attributes-only`, `systemctl reload docker` and `systemctl restart containerd` (`service containerd restart` where there is no
 * systemd), all with fixed arguments.
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { criPull, criStatus, criStorage } from './privileged-containerd.ts';
import {
  apart,
  backupFolder,
  backups,
  discard,
  discardHalf,
  expectUnchanged,
  find,
  isMissing,
  makeDirectory,
  ourDirectories,
  put,
  readBackup,
  remove,
  removeUnfinished,
  restoreFile,
  save,
  sha256,
  store,
} from './privileged-files.ts';
import {
  allowedPath,
  backupId,
  badRequest,
  limits,
  list,
  plannedFile,
  record,
  Refusal,
  refuse,
  text,
} from './privileged-request.ts';

/** Writes all files of a plan or none. */
function apply(request: unknown): object {
  const plan = record(request, ['verb', 'id', 'files']);
  const id = backupId(plan['id']);
  const files = list(plan['files']).map(plannedFile);
  if (new Set(files.map((file) => file.path)).size !== files.length) badRequest('a path is there twice');
  const work = files.map((file) => ({ ...file, found: find(file.path) }));
  for (const { path, found, expect } of work) expectUnchanged(path, found, expect);
  const missing: string[] = [];
  for (const { path, bytes } of work)
    for (let dir = dirname(path); bytes !== undefined && !fs.existsSync(dir); dir = dirname(dir))
      if (!missing.includes(dir)) missing.push(dir);
  save(id, work, missing);
  const done: typeof work = [];
  try {
    for (const step of work) {
      const now = find(step.path);
      expectUnchanged(step.path, now, step.expect);
      done.push(step);
      if (step.bytes === undefined) remove(now, ourDirectories());
      else {
        makeDirectory(dirname(step.path), 0o755, []);
        put(now, step.bytes, now.stat, step.path.endsWith('.key') ? 0o600 : (now.stat?.mode ?? step.mode));
      }
    }
  } catch (error) {
    const stuck = done.toReversed().flatMap(({ path, found }) => {
      try {
        restoreFile(path, found.bytes, found.stat, ourDirectories());
        return [];
      } catch {
        return [path];
      }
    });
    if (stuck.length > 0)
      throw new Error(
        `${(error as Error).message}. ${stuck.join(', ')} could not be put back; what was there is kept in ${backupFolder(id)}`,
        { cause: error },
      );
    discard(id);
    if (error instanceof Refusal) throw error;
    refuse(
      'privileged-write-failed',
      `Writing as root failed: ${(error as Error).message}. What was begun was put back.`,
      'Look at the disk and the named path.',
    );
  }
  return { ok: true, id, files: work.map(({ path, bytes }) => ({ path, sha256: sha256(bytes) })) };
}

/** Puts back what a backup holds for the named files; each must be what the caller believes it is now. */
function rollback(request: unknown): object {
  const plan = record(request, ['verb', 'id', 'files']);
  const id = backupId(plan['id']);
  const backup = readBackup(id);
  const work = list(plan['files']).map((value) => {
    const file = record(value, ['path', 'expect']);
    const path = allowedPath(file['path']);
    const at = backup.files.findIndex((each) => each.path === path);
    const saved = backup.files[at] ?? badRequest('a path the backup does not hold');
    const expect = text(file['expect'], /^(?:absent|[0-9a-f]{64})$/, 'hash');
    return {
      path,
      saved,
      expect,
      bytes: saved.stat === null ? undefined : fs.readFileSync(join(backupFolder(id), `${at}`)),
    };
  });
  for (const { path, expect } of work) expectUnchanged(path, find(path), expect);
  for (const { path, bytes, saved } of work) restoreFile(path, bytes, saved.stat ?? undefined, ourDirectories());
  return { ok: true, id, files: work.map(({ path, bytes }) => ({ path, sha256: sha256(bytes) })) };
}

/** Throws away backups that nobody needs any more; our folder goes with the last one. */
function forget(request: unknown): object {
  for (const id of list(record(request, ['verb', 'ids'])['ids']).map(backupId)) discard(id);
  if (backups().length === 0) {
    fs.rmSync(store, { recursive: true, force: true });
    try {
      fs.rmdirSync(dirname(store));
    } catch (error) {
      if (!isMissing(error) && !(error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY')) throw error;
    }
  }
  return { ok: true };
}

/**
 * Removes what a helper that was killed left of the work that these backups were made for: halves of backups, files that were being made, and
 * directories that stayed empty. What another engine's helper does meanwhile is not touched.
 */
function tidy(request: unknown): object {
  const ids = list(record(request, ['verb', 'ids'])['ids']).map(backupId);
  for (const id of ids) discardHalf(id);
  const there = backups()
    .filter((id) => ids.includes(id))
    .map(readBackup);
  const paths = there.flatMap(({ files }) => files.map(({ path }) => allowedPath(path)));
  removeUnfinished(
    paths.filter(isSafe),
    there.flatMap(({ createdDirs }) => createdDirs),
  );
  return { ok: true };
}

/** Whether a path is one that would be written; what is odd there is the next write's to refuse. */
function isSafe(path: string): boolean {
  try {
    find(path);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function status(request: unknown): object {
  const paths = list(record(request, ['verb', 'paths'])['paths']).map(allowedPath);
  return { ok: true, backups: backups(), files: paths.map((path) => ({ path, sha256: sha256(find(path).bytes) })) };
}

/** HUP to the engine's process, after looking that it is the engine. */
function reload(request: unknown): object {
  text(record(request, ['verb', 'runtime'])['runtime'], /^docker$/, 'runtime');
  const gone = (): never =>
    refuse('docker-stopped', 'No running dockerd was found to reload.', 'Start Docker, then try again.');
  let pid: number;
  try {
    pid = Number(/^[1-9]\d{0,9}$/.exec(fs.readFileSync('/var/run/docker.pid', 'utf8').trim())?.[0] ?? gone());
    if (fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim() !== 'dockerd') gone();
  } catch (error) {
    if (!isMissing(error) && !(error instanceof Refusal)) throw error;
    if (!fs.existsSync('/run/systemd/system')) return gone();
    const done = spawnSync('/usr/bin/systemctl', ['reload', 'docker'], { ...apart, env: {}, timeout: 30_000 });
    return done.status === 0 ? { ok: true, by: 'systemctl' } : gone();
  }
  process.kill(pid, 'SIGHUP');
  return { ok: true, by: 'signal', pid };
}

/** Restarts the engine that reads its file at its start only. */
function restart(request: unknown): object {
  text(record(request, ['verb', 'runtime'])['runtime'], /^containerd$/, 'runtime');
  const [program, ...argv] = fs.existsSync('/run/systemd/system')
    ? ['/usr/bin/systemctl', 'restart', 'containerd']
    : ['/usr/sbin/service', 'containerd', 'restart'];
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const done = spawnSync(program, argv, { ...apart, env, timeout: 90_000 });
  if (done.status !== 0)
    refuse(
      'containerd-not-restarted',
      `${program} ${argv.join(' ')} failed.`,
      'Look at its log: journalctl -u containerd',
    );
  return { ok: true };
}

const verbs: Readonly<Record<string, (request: unknown, cancelled: AbortSignal) => object | Promise<object>>> = {
  apply,
  rollback,
  forget,
  tidy,
  status,
  reload,
  restart,
  'cri-status': criStatus,
  'cri-pull': criPull,
  'cri-storage': criStorage,
};

async function answer(line: string, cancelled: AbortSignal): Promise<object> {
  try {
    const request = JSON.parse(line) as unknown;
    const verb: unknown =
      typeof request === 'object' && request !== null && 'verb' in request ? request.verb : undefined;
    const work = typeof verb === 'string' && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    return work === undefined ? badRequest('unknown verb') : await work(request, cancelled);
  } catch (error) {
    if (error instanceof Refusal)
      return { ok: false, problem: { code: error.code, message: error.message, hint: error.hint, retryable: false } };
    // A parser's own words repeat what it was given, which may be a key.
    const message = error instanceof SyntaxError ? 'what should be JSON is not' : (error as Error).message;
    return {
      ok: false,
      problem: {
        code: 'privileged-work-failed',
        message: `Working as root failed: ${message}.`,
        hint: 'Look at the disk and the named path.',
        retryable: false,
      },
    };
  }
}

process.umask(0o022);
process.chdir('/');
// A plan must not end between two of its files, and this ends with its input. A terminal sends Ctrl-C to all that was started from it, and
// sudo hands on what its caller's user sends to it; SIGUSR1 would open a debugger (elevation.ts).
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const)
  process.on(signal, () => undefined);
let greeted = false;
let ended = false;
let pending = 0;
let waiting = 0;
let last: Promise<void> = Promise.resolve();
/** Cancels the request that came last; the others are answered already. */
let latest = new AbortController();

const say = (answer: object): Promise<void> =>
  new Promise((said) => process.stdout.write(`${JSON.stringify(answer)}\n`, () => said()));

/** Reads no more, so that nobody fills the memory, neither by asking nor by not reading the answers. */
function end(what: string): void {
  if (ended) return;
  ended = true;
  process.stdin.destroy();
  const problem = {
    code: 'helper-request-refused',
    message: `The request was refused: ${what}. Nothing was changed.`,
    hint: 'Update Mirrorfleet; its parts do not match.',
    retryable: false,
  };
  void say({ ok: false, problem }).then(() => process.exit(1));
}

process.stdin.on('data', (chunk: Buffer) => {
  pending = chunk.includes(10) ? chunk.length - chunk.lastIndexOf(10) : pending + chunk.length;
  if (pending > limits.lineBytes) end('it is too large');
});
createInterface({ input: process.stdin }).on('line', (line) => {
  if (ended) return;
  if (!greeted) {
    greeted = line === '{"verb":"hello"}';
    if (greeted) void say({ ok: true, helper: 1, uid: process.getuid?.() ?? -1 });
    return;
  }
  if (line === '{"verb":"cancel"}') {
    latest.abort();
    return;
  }
  waiting += 1;
  if (waiting > limits.waiting) return end('too many came at once');
  const { signal } = (latest = new AbortController());
  // One after the other, in order.
  last = last.then(async () => {
    await say(await answer(line, signal));
    waiting -= 1;
  });
});
