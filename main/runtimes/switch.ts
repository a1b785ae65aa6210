import { randomUUID } from 'node:crypto';
import { assertNever } from '../../preload/contract/assert-never.ts';
import { fail, ProblemError, problemOf } from '../../preload/contract/problem.ts';
import type { Proof, SwitchPreview } from '../../preload/contract/runtime.ts';
import type { JobContext } from '../tasks/tasks.ts';
import type { HelperLine } from './elevation.ts';
import { hashOf } from './file-diff.ts';
import { keptBackups } from './kept-backups.ts';
import { askMirror, provable } from './mirror-question.ts';
import { type EdgeRequests, prove } from './proof.ts';
import type { FileEdit, MirrorEndpoint, PreparedSwitch, Runtime } from './runtime.ts';
import { same } from './same-list.ts';
import type { SwitchRecord, SwitchRecords } from './switch-records.ts';
import { takenOver } from './taken-over.ts';
import { UserFiles } from './user-files.ts';

/** Milliseconds an engine has to take over a reloaded configuration; measured: well under one second. */
const reloadPatience = 5_000;
/** The same for an engine that is restarted: it must come up and answer again. */
const restartPatience = 30_000;

/** A file of root as the helper tells it. */
interface SeenNow {
  readonly path: string;
  readonly sha256: string;
}

/** What a prepared switch would do, without its bytes. Pure. */
export function previewOf(prepared: PreparedSwitch, uid: number | undefined = process.getuid?.()): SwitchPreview {
  const { runtime, route, edits, writer, activation, restarts, warnings, nothingToDo } = prepared;
  return {
    runtime,
    route: [...route],
    changes: edits.map(({ change }) => change),
    activation: nothingToDo ? { code: 'nothing-to-do' } : activation,
    restarts: [...restarts],
    warnings: [...warnings],
    needsPrivilege: !nothingToDo && writer === 'root' && uid !== 0,
    nothingToDo,
  };
}

/** Everything a switch is handed. `openHelper` is called once and only when something has to be written or reloaded as root. */
export interface SwitchJob {
  readonly runtime: Runtime;
  readonly route: readonly string[];
  /** In the order of the route; empty for direct. */
  readonly endpoints: readonly MirrorEndpoint[];
  readonly task: JobContext;
  readonly records: SwitchRecords;
  readonly openHelper: () => Promise<HelperLine>;
  readonly edgeRequests: EdgeRequests;
}

/**
 * Makes a runtime follow a route: probe, write, reload, compare what is live, prove by a real pull; anything that fails puts back the
 * exact bytes and the live setting of before. Returns the proof; undefined for direct and where there was nothing to do.
 */
export async function runSwitch(job: SwitchJob): Promise<Proof | undefined> {
  const { runtime, route, endpoints, task } = job;
  const prepared = await runtime.prepare([...route], endpoints);
  if (prepared.nothingToDo) {
    task.skip('files', 'Write the configuration', { code: 'already-so' });
    return undefined;
  }
  task.changes(prepared.edits.map(({ change }) => change));
  if (endpoints.length > 0)
    await task.step('probe', 'Ask the mirrors', async () => {
      await Promise.all(endpoints.map((endpoint) => askMirror(endpoint, provable(endpoint))));
    });
  const helper =
    prepared.writer === 'user'
      ? new UserFiles(job.records.read(runtime.id)?.folders)
      : await task.step('rights', 'Become root for the files', () => job.openHelper());
  try {
    return await new SwitchRun(job, prepared, helper).run();
  } finally {
    await helper.close();
  }
}

/** One switch under way: knows which backups it made and what each file holds by now, so that it can be taken back exactly. */
class SwitchRun {
  readonly #job: SwitchJob;
  readonly #prepared: PreparedSwitch;
  readonly #helper: HelperLine;
  readonly #before: SwitchRecord | undefined;
  /** SHA-256 of what each touched file holds now. */
  readonly #now = new Map<string, string>();
  readonly #applied: { readonly id: string; readonly paths: readonly string[] }[] = [];
  #record: SwitchRecord;

  constructor(job: SwitchJob, prepared: PreparedSwitch, helper: HelperLine) {
    this.#job = job;
    this.#prepared = prepared;
    this.#helper = helper;
    this.#before = job.records.read(job.runtime.id);
    this.#record = switchingRecord(prepared, this.#before);
  }

  async run(): Promise<Proof | undefined> {
    const { task, endpoints, edgeRequests, runtime } = this.#job;
    const { interim, interimFirst, edits } = this.#prepared;
    try {
      if (this.#before?.state === 'switching') await this.#tidy(this.#before);
      if (interim !== undefined && interimFirst) {
        await task.step('forget', 'Let the engine forget its mirrors', async () => {
          await this.#apply([interim]);
          await this.#activate([]);
        });
      }
      await task.step('files', 'Write the configuration', () => this.#apply(edits));
      await this.#takeOver();
      const first = endpoints[0];
      const proof =
        first === undefined
          ? undefined
          : await task.step('proof', `Prove it by a pull through ${first.node}`, () =>
              prove(runtime, first, edgeRequests, task.signal, this.#root),
            );
      await this.#settle(proof);
      return proof;
    } catch (error) {
      await this.#takeBack(error);
      throw error;
    }
  }

  /** Takes away what the process that the last switch died with left of a file it was just making. */
  async #tidy({ files, backups }: SwitchRecord): Promise<void> {
    if (this.#helper instanceof UserFiles) this.#helper.tidy(Object.keys(files));
    else if (backups.length > 0) await this.#helper.ask({ verb: 'tidy', ids: backups.slice(-128) });
  }

  get #root(): HelperLine | undefined {
    return this.#prepared.writer === 'root' ? this.#helper : undefined;
  }

  /** The step in which the engine takes its files over, named by what is done to it. */
  async #takeOver(): Promise<void> {
    const { task } = this.#job;
    const { activate, liveBefore, expectedMirrors, uncovered = [] } = this.#prepared;
    if (liveBefore === undefined) return;
    const body = () => this.#activate(expectedMirrors, uncovered);
    switch (activate) {
      case 'nothing':
        return task.step('live', 'See that the engine uses it', body);
      case 'reload':
        return task.step('reload', 'Reload the engine', body);
      case 'restart':
        return task.step('restart', 'Restart the engine', body);
      default:
        return assertNever(activate);
    }
  }

  /** After a switch that was killed only root can tell which of our keys lies at a path: that of before or that of after. */
  async #withKeysSeen(edits: readonly FileEdit[]): Promise<readonly FileEdit[]> {
    const paths = edits.flatMap(({ path, expect }) => (path.endsWith('.key') && expect !== 'absent' ? [path] : []));
    if (this.#before?.state !== 'switching' || this.#root === undefined || paths.length === 0) return edits;
    const ours = ['absent', ...Object.values(this.#before.files), ...this.#before.interim];
    const answer = await this.#root.ask({ verb: 'status', paths });
    const found = new Map((answer['files'] as readonly SeenNow[]).map(({ path, sha256 }) => [path, sha256]));
    return edits.map((edit) => {
      const now = found.get(edit.path);
      return now !== undefined && ours.includes(now) ? { ...edit, expect: now } : edit;
    });
  }

  /** Writes files as one; the backup's name is on record before the first byte changes. */
  async #apply(planned: readonly FileEdit[]): Promise<void> {
    if (planned.length === 0) return;
    const edits = await this.#withKeysSeen(planned);
    const id = `${this.#job.runtime.id}-${randomUUID()}`;
    // Only the privileged helper keeps backups on disk.
    if (this.#root !== undefined) this.#record = { ...this.#record, backups: [...this.#record.backups, id] };
    if (this.#helper instanceof UserFiles) {
      const created = this.#helper.missing(edits.flatMap(({ path, bytes }) => (bytes === undefined ? [] : [path])));
      this.#record = { ...this.#record, folders: [...new Set([...this.#record.folders, ...created])] };
    }
    this.#job.records.write(this.#job.runtime.id, this.#record);
    await this.#helper.ask({
      verb: 'apply',
      id,
      files: edits.map(({ path, bytes, mode, expect }) => ({
        path,
        expect,
        mode,
        bytes: bytes === undefined ? null : Buffer.from(bytes).toString('base64'),
      })),
    });
    for (const { path, bytes } of edits) this.#now.set(path, hashOf(bytes));
    this.#applied.push({ id, paths: edits.map(({ path }) => path) });
  }

  /** Makes the engine take its files over and waits until it reports the expected mirrors, or `anything`. */
  async #activate(wanted: readonly string[] | 'anything', uncovered: readonly string[] = []): Promise<void> {
    const { runtime } = this.#job;
    const ours = this.#before?.mirrors ?? [];
    const taken = (live: readonly string[]): boolean =>
      wanted === 'anything' || takenOver(live, { expectedMirrors: wanted, uncovered }, ours);
    const { activate } = this.#prepared;
    if (activate !== 'nothing') await this.#helper.ask({ verb: activate, runtime: runtime.id });
    const until = Date.now() + (activate === 'restart' ? restartPatience : reloadPatience);
    for (;;) {
      const live = await this.#live();
      if (!(live instanceof Error) && taken(live)) return;
      if (Date.now() >= until)
        fail({
          code: 'reload-not-taken',
          message: `The files are written but ${runtime.engine} ${live instanceof Error ? `does not answer (${live.message})` : `still uses ${live.join(', ') || 'no mirror'}`}${wanted === 'anything' ? '' : ` instead of using ${wanted.join(', ') || 'none'}`}.`,
          hint:
            activate === 'nothing'
              ? `Something else decides: a configuration file that ${runtime.engine} reads after ours, or one that it has not read since its start. Set that right, then switch again.`
              : "Look at the engine's log; it tells what it does not accept.",
          retryable: true,
        });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The engine's mirrors now; while it restarts, the failure to answer. */
  async #live(): Promise<readonly string[] | Error> {
    try {
      return await this.#job.runtime.liveMirrors(this.#root);
    } catch (error) {
      if (this.#prepared.activate === 'restart' && error instanceof Error && problemOf(error).code !== 'helper-ended')
        return error;
      throw error;
    }
  }

  async #settle(proof: Proof | undefined): Promise<void> {
    const { records, runtime, route, endpoints } = this.#job;
    if (this.#helper instanceof UserFiles) this.#record = { ...this.#record, folders: [...this.#helper.folders] };
    if (endpoints.length > 0) {
      const files = Object.fromEntries(Object.entries(this.#record.files).filter(([path]) => !this.#deleted(path)));
      const { ourMirrors } = this.#prepared;
      const settled: SwitchRecord = {
        ...this.#record,
        state: 'switched',
        route: [...route],
        mirrors: [...ourMirrors],
        files,
      };
      const ended = proof === undefined ? settled : { ...settled, proof };
      records.write(runtime.id, ended);
      const { keep, forget } = keptBackups(ended.backups);
      // The switch stands; backups that could not be thrown away are still on record for the next one.
      if (await this.#forget(forget).catch(() => false)) records.write(runtime.id, { ...ended, backups: [...keep] });
      return;
    }
    await this.#forget(this.#record.backups);
    records.remove(runtime.id);
  }

  /** Throws backups away; false where there are none. The helper takes at most 128 names at once. */
  async #forget(ids: readonly string[]): Promise<boolean> {
    for (let at = 0; at < ids.length; at += 128)
      await this.#helper.ask({ verb: 'forget', ids: ids.slice(at, at + 128) });
    return ids.length > 0;
  }

  #deleted(path: string): boolean {
    return this.#now.get(path) === 'absent';
  }

  /** Exact bytes and live setting of before, also when the task was cancelled. */
  async #takeBack(cause: unknown): Promise<void> {
    const { task, records, runtime } = this.#job;
    const { liveBefore } = this.#prepared;
    // A helper that died while writing leaves the record of an interrupted switch, which "direct" undoes.
    if (problemOf(cause).code === 'helper-ended') return;
    if (this.#applied.length === 0) {
      // Where writing failed and it is not said that everything was put back, the record stays for "direct" too.
      if (!['privileged-work-failed', 'internal-error'].includes(problemOf(cause).code)) this.#forgetRecord();
      return;
    }
    try {
      await this.#letGoOfMirrors();
      for (const { id, paths } of this.#applied.toReversed()) await this.#rollback(id, paths);
      // A switch that was killed may have left files that its engine had not taken over; with them back, it takes them over now.
      if (liveBefore !== undefined) await this.#activate(this.#before?.state === 'switching' ? 'anything' : liveBefore);
      await this.#helper.ask({ verb: 'forget', ids: this.#applied.map(({ id }) => id) });
      this.#forgetRecord();
      task.undone('files', { code: 'originals-back' });
    } catch (error) {
      throw new ProblemError(
        {
          code: 'restore-failed',
          message: `The switch failed (${problemOf(cause).message}) and taking it back failed too: ${problemOf(error).message}`,
          hint: `Run "mirrorfleet switch ${runtime.id} direct"${this.#root === undefined ? '' : '; the original files are in /var/lib/mirrorfleet/backups'}.`,
          retryable: true,
          detail: { record: records.read(runtime.id)?.backups.join(' ') ?? '' },
        },
        { cause: error },
      );
    }
  }

  /**
   * Before the old file comes back: where the engine took our mirrors over, it must be told to forget them. That may fail (the engine may
   * refuse the file altogether); the old bytes come back all the same, and what is live is compared in the end.
   */
  async #letGoOfMirrors(): Promise<void> {
    const { interim, interimFirst, liveBefore } = this.#prepared;
    if (interim === undefined || interimFirst || this.#now.get(interim.path) !== interim.expect) return;
    const live = await this.#job.runtime.liveMirrors(this.#root).catch(() => []);
    if (liveBefore !== undefined && same(live, liveBefore)) return;
    try {
      await this.#apply([interim]);
      await this.#activate([]);
    } catch (error) {
      if (problemOf(error).code === 'helper-ended') throw error;
    }
  }

  async #rollback(id: string, paths: readonly string[]): Promise<void> {
    const files = paths.map((path) => ({ path, expect: this.#now.get(path) ?? 'absent' }));
    const answer = await this.#helper.ask({ verb: 'rollback', id, files });
    for (const { path, sha256 } of answer['files'] as readonly SeenNow[]) this.#now.set(path, sha256);
  }

  #forgetRecord(): void {
    const { records, runtime } = this.#job;
    if (this.#before === undefined) records.remove(runtime.id);
    else records.write(runtime.id, this.#before);
  }
}

/** What is on record while the switch runs: everything that may be ours, old and new, so that a crash at any point can be undone. */
function switchingRecord(prepared: PreparedSwitch, before: SwitchRecord | undefined): SwitchRecord {
  const { route, edits, interim, original, ourMirrors } = prepared;
  const written = edits.flatMap(({ path, bytes }) => (bytes === undefined ? [] : [[path, hashOf(bytes)] as const]));
  return {
    state: 'switching',
    route: [...route],
    mirrors: [...new Set([...(before?.mirrors ?? []), ...ourMirrors])],
    ...(original === undefined
      ? {}
      : {
          original: {
            path: original.path,
            bytes: original.bytes === undefined ? null : Buffer.from(original.bytes).toString('base64'),
          },
        }),
    files: { ...before?.files, ...Object.fromEntries(written) },
    interim: [
      ...(before?.interim ?? []),
      ...Object.values(before?.files ?? {}),
      ...(interim === undefined ? [] : [hashOf(interim.bytes)]),
    ].slice(-100),
    backups: before?.backups ?? [],
    folders: before?.folders ?? [],
    at: Date.now(),
  };
}
