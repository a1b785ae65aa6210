/**
 * The one program of Mirrorfleet that runs as root on this computer. It stands alone (node: imports only) so that it can be read in one
 * sitting. It reads requests from standard input, one JSON object a line, answers each with one line, and ends with its input:
 * `hello` first (lines before it are thrown away), then `status`, `apply`, `rollback`, `forget`, `reload`. It writes nothing outside the
 * paths below and runs nothing but `cp --attributes-only` and `systemctl reload docker`, both with fixed arguments.
 */
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const authority = String.raw`(?:\[[0-9a-f:]{2,39}\]|[a-z0-9](?:[a-z0-9-]|\.(?!\.)){0,251}[a-z0-9]|[a-z0-9])(?::\d{1,5})?`;
const allowed: readonly RegExp[] = [
  /^\/etc\/docker\/daemon\.json$/,
  new RegExp(String.raw`^/etc/docker/certs\.d/${authority}/(?:ca\.crt|client\.cert|client\.key|hosts\.toml)$`, 'i'),
];
/** Where a link at an allowed path may lead: a plain name in the same directory. */
const linkTarget = /^\/etc\/docker\/[a-z0-9][a-z0-9._-]{0,100}\.json$/i;
const store = '/var/lib/mirrorfleet/backups';
const limits = { lineBytes: 4 * 1024 * 1024, fileBytes: 1024 * 1024, files: 32 };

interface Stat {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly mtimeMs: number;
}
interface Found {
  readonly real: string;
  readonly bytes: Buffer | undefined;
  readonly stat: Stat | undefined;
}
interface PlannedFile {
  readonly path: string;
  readonly expect: string;
  readonly bytes: Buffer | undefined;
  readonly mode: number;
}
interface Saved {
  readonly path: string;
  readonly stat: Stat | null;
}
interface Backup {
  readonly files: readonly Saved[];
  readonly createdDirs: readonly string[];
}

class Refusal extends Error {
  readonly code: string;
  readonly hint: string;
  constructor(code: string, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

function refuse(code: string, message: string, hint = 'Preview the switch again.'): never {
  throw new Refusal(code, message, hint);
}

const badRequest = (what: string): never =>
  refuse(
    'helper-request-refused',
    `The request was refused: ${what}. Nothing was changed.`,
    'Update Mirrorfleet; its parts do not match.',
  );
const sha256 = (bytes: Buffer | undefined): string =>
  bytes === undefined ? 'absent' : createHash('sha256').update(bytes).digest('hex');
const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** An object with exactly these keys. */
function record(value: unknown, keys: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return badRequest('not an object');
  if (Object.keys(value).toSorted().join() !== keys.toSorted().join())
    return badRequest(`keys must be ${keys.join(', ')}`);
  return value as Readonly<Record<string, unknown>>;
}

function text(value: unknown, shape: RegExp, name: string): string {
  return typeof value === 'string' && shape.test(value) ? value : badRequest(`bad ${name}`);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) && value.length > 0 && value.length <= limits.files
    ? (value as unknown[])
    : badRequest('bad list');
}

function allowedPath(value: unknown): string {
  return typeof value === 'string' && allowed.some((each) => each.test(value))
    ? value
    : badRequest('a path that is not ours to write');
}

function plannedFile(value: unknown): PlannedFile {
  const file = record(value, ['path', 'expect', 'bytes', 'mode']);
  const path = allowedPath(file['path']);
  const encoded = file['bytes'];
  const bytes =
    encoded === null
      ? undefined
      : typeof encoded === 'string'
        ? Buffer.from(encoded, 'base64')
        : badRequest('bad bytes');
  if (bytes !== undefined && (bytes.toString('base64') !== encoded || bytes.length > limits.fileBytes))
    badRequest('bad bytes');
  const mode = file['mode'] === 0o600 || file['mode'] === 0o644 ? file['mode'] : badRequest('bad mode');
  return { path, expect: text(file['expect'], /^(?:absent|[0-9a-f]{64})$/, 'hash'), bytes, mode };
}

/** Every directory above belongs to root, is no link and cannot be written by others: nobody can swap what we are about to write. */
function checkDirectories(path: string): void {
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    const stat = fs.lstatSync(dir, { throwIfNoEntry: false });
    if (
      stat !== undefined &&
      (!stat.isDirectory() || stat.uid !== 0 || ((stat.mode & 0o022) !== 0 && (stat.mode & 0o1000) === 0))
    )
      refuse(
        'path-not-safe',
        `${dir} is a link, or others than root may write in it. Nothing was changed.`,
        `Make ${dir} a directory of root with mode 0755.`,
      );
    if (dir === '/') return;
  }
}

/** What is at an allowed path, following a link only to a neighbour. */
function find(path: string): Found {
  checkDirectories(path);
  const link = fs.lstatSync(path, { throwIfNoEntry: false });
  if (link === undefined) return { real: path, bytes: undefined, stat: undefined };
  let real = path;
  if (link.isSymbolicLink()) {
    try {
      real = fs.realpathSync(path);
    } catch {
      return refuse(
        'path-not-safe',
        `${path} is a link that leads nowhere. Nothing was changed.`,
        'Repair or remove the link.',
      );
    }
    if (dirname(real) !== dirname(path) || !linkTarget.test(real))
      refuse(
        'path-not-safe',
        `${path} is a link to ${real}, which is not ours to write. Nothing was changed.`,
        'Change the file it leads to by its own means.',
      );
  }
  let fd: number;
  try {
    fd = fs.openSync(real, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
  } catch (error) {
    return refuse('path-not-safe', `${real} could not be opened (${(error as Error).message}). Nothing was changed.`);
  }
  try {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile() || stat.nlink > 1 || stat.size > limits.fileBytes)
      refuse(
        'path-not-safe',
        `${real} is not a plain file of ordinary size with one name. Nothing was changed.`,
        'Look at the file by hand.',
      );
    const { uid, gid, mode, mtimeMs } = stat;
    return { real, bytes: fs.readFileSync(fd), stat: { uid, gid, mode: mode & 0o7777, mtimeMs } };
  } finally {
    fs.closeSync(fd);
  }
}

function syncDirectory(dir: string): void {
  const fd = fs.openSync(dir, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function makeDirectory(dir: string, mode: number, created: string[]): void {
  if (fs.existsSync(dir)) return;
  makeDirectory(dirname(dir), mode, created);
  fs.mkdirSync(dir, { mode });
  fs.chmodSync(dir, mode);
  created.push(dir);
}

/** Replaces or creates the file in one move, with the attributes of the one before; a file that cannot be renamed over is written in place. */
function put(found: Found, bytes: Buffer, stat: Stat | undefined, mode: number): void {
  const temp = join(dirname(found.real), `.${basename(found.real)}.${randomBytes(9).toString('hex')}`);
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY, O_TRUNC } = fs.constants;
  const fd = fs.openSync(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    fs.writeFileSync(fd, bytes);
    // Node has no call for extended attributes (SELinux, ACL); where cp does not know the option, owner and mode below still hold.
    if (found.stat !== undefined)
      spawnSync('/bin/cp', ['--attributes-only', '--preserve=all', '--no-dereference', '-T', '--', found.real, temp], {
        stdio: 'ignore',
        env: {},
      });
    fs.fchownSync(fd, stat?.uid ?? 0, stat?.gid ?? 0);
    fs.fchmodSync(fd, mode);
    const now = new Date();
    fs.futimesSync(fd, now, now);
    fs.fsyncSync(fd);
    try {
      fs.renameSync(temp, found.real);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EBUSY')) throw error;
      // A single file that is bind-mounted cannot be replaced; the backup is already on disk.
      const inPlace = fs.openSync(found.real, O_WRONLY | O_TRUNC | O_NOFOLLOW);
      fs.writeFileSync(inPlace, bytes);
      fs.fsyncSync(inPlace);
      fs.closeSync(inPlace);
    }
  } finally {
    fs.closeSync(fd);
    fs.rmSync(temp, { force: true });
  }
  syncDirectory(dirname(found.real));
  const after = find(found.real);
  if (sha256(after.bytes) !== sha256(bytes)) throw new Error(`${found.real} does not hold what was written`);
}

function remove(found: Found, directories: readonly string[]): void {
  fs.rmSync(found.real, { force: true });
  for (let dir = dirname(found.real); directories.includes(dir); dir = dirname(dir)) {
    try {
      fs.rmdirSync(dir);
    } catch {
      return;
    }
  }
}

function backupFolder(id: string): string {
  checkDirectories(join(store, id));
  return join(store, id);
}

function readBackup(id: string): Backup {
  try {
    return JSON.parse(fs.readFileSync(join(backupFolder(id), 'backup.json'), 'utf8')) as Backup;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return refuse(
      'backup-missing',
      `There is no backup ${id} in ${store}. Nothing was changed.`,
      'Restore the file by hand.',
    );
  }
}

function backups(): string[] {
  return fs.existsSync(store) ? fs.readdirSync(store).toSorted() : [];
}

/** Directories that some switch created and so may be removed when they are empty. */
function ourDirectories(): string[] {
  return backups().flatMap((id) => readBackup(id).createdDirs);
}

function save(id: string, files: readonly { path: string; found: Found }[], createdDirs: readonly string[]): void {
  const folder = backupFolder(id);
  makeDirectory(store, 0o700, []);
  if (fs.existsSync(folder)) badRequest('that backup exists already');
  const young = `${folder}.new`;
  fs.rmSync(young, { recursive: true, force: true });
  fs.mkdirSync(young, { mode: 0o700 });
  const content: [string, Buffer | string][] = files.flatMap(({ found }, at) =>
    found.bytes === undefined ? [] : [[`${at}`, found.bytes]],
  );
  const backup: Backup = { files: files.map(({ path, found }) => ({ path, stat: found.stat ?? null })), createdDirs };
  for (const [name, bytes] of [...content, ['backup.json', JSON.stringify(backup)] as const]) {
    fs.writeFileSync(join(young, name), bytes, { mode: 0o600, flag: 'wx', flush: true });
  }
  syncDirectory(young);
  fs.renameSync(young, folder);
  syncDirectory(store);
}

function expectUnchanged(path: string, found: Found, expect: string): void {
  if (sha256(found.bytes) !== expect)
    refuse(
      'file-changed-since-preview',
      `${path} is no longer what the preview saw. Nothing was changed.`,
      'Preview the switch again.',
    );
}

/** Writes all files of a plan or none. */
function apply(request: unknown): object {
  const plan = record(request, ['verb', 'id', 'files']);
  const id = text(plan['id'], /^[a-z0-9][a-z0-9-]{7,63}$/, 'id');
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
    for (const { path, found } of done.toReversed()) restoreFile(path, found.bytes, found.stat, ourDirectories());
    fs.rmSync(backupFolder(id), { recursive: true, force: true });
    throw error;
  }
  return { ok: true, id, files: work.map(({ path, bytes }) => ({ path, sha256: sha256(bytes) })) };
}

function restoreFile(
  path: string,
  bytes: Buffer | undefined,
  stat: Stat | undefined,
  directories: readonly string[],
): void {
  const found = find(path);
  if (bytes === undefined) return remove(found, directories);
  makeDirectory(dirname(path), 0o755, []);
  put(found, bytes, stat, stat?.mode ?? 0o600);
  if (stat !== undefined) fs.utimesSync(found.real, Date.now() / 1000, stat.mtimeMs / 1000);
}

/** Puts back what a backup holds for the named files; each must be what the caller believes it is now. */
function rollback(request: unknown): object {
  const plan = record(request, ['verb', 'id', 'files']);
  const id = text(plan['id'], /^[a-z0-9][a-z0-9-]{7,63}$/, 'id');
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
  for (const id of list(record(request, ['verb', 'ids'])['ids']).map((each) =>
    text(each, /^[a-z0-9][a-z0-9-]{7,63}$/, 'id'),
  ))
    fs.rmSync(backupFolder(id), { recursive: true, force: true });
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
    const done = spawnSync('/usr/bin/systemctl', ['reload', 'docker'], { stdio: 'ignore', env: {}, timeout: 30_000 });
    return done.status === 0 ? { ok: true, by: 'systemctl' } : gone();
  }
  process.kill(pid, 'SIGHUP');
  return { ok: true, by: 'signal', pid };
}

const verbs: Readonly<Record<string, (request: unknown) => object>> = { apply, rollback, forget, status, reload };

function answer(line: string): object {
  try {
    const request = JSON.parse(line) as unknown;
    const verb: unknown =
      typeof request === 'object' && request !== null && 'verb' in request ? request.verb : undefined;
    return typeof verb === 'string' && Object.hasOwn(verbs, verb)
      ? (verbs[verb] ?? badRequest)(request as never)
      : badRequest('unknown verb');
  } catch (error) {
    if (error instanceof Refusal)
      return { ok: false, problem: { code: error.code, message: error.message, hint: error.hint, retryable: false } };
    const message = error instanceof SyntaxError ? 'it is not JSON' : (error as Error).message;
    return {
      ok: false,
      problem: {
        code: 'privileged-write-failed',
        message: `Writing as root failed: ${message}. What was begun was put back.`,
        hint: 'Look at the disk and the named path.',
        retryable: false,
      },
    };
  }
}

process.umask(0o022);
process.chdir('/');
let greeted = false;
let pending = 0;
process.stdin.on('data', (chunk: Buffer) => {
  pending = chunk.includes(10) ? chunk.length - chunk.lastIndexOf(10) : pending + chunk.length;
  if (pending > limits.lineBytes) {
    process.stdout.write(
      `${JSON.stringify({ ok: false, problem: { code: 'helper-request-refused', message: 'The request is too large. Nothing was changed.', hint: 'Update Mirrorfleet.', retryable: false } })}\n`,
      () => process.exit(1),
    );
  }
});
createInterface({ input: process.stdin }).on('line', (line) => {
  if (!greeted) {
    greeted = line === '{"verb":"hello"}';
    if (greeted) process.stdout.write(`${JSON.stringify({ ok: true, helper: 1, uid: process.getuid?.() ?? -1 })}\n`);
    return;
  }
  process.stdout.write(`${JSON.stringify(answer(line))}\n`);
});
