import children, { type SpawnSyncOptions } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

/**
 * Counts what this process changes on the disk (and the signals and programs by which it moves an engine) and calls `reach` with the number
 * and name of each point at which it could die: before each change, and in the middle of one that has a middle. The calls of `node:fs` are
 * replaced for all modules alike, so what is counted is the product as it is.
 */
export function watchChanges(reach: (point: number, name: string) => void): void {
  let points = 0;
  const at = (name: string): void => reach(++points, name);
  const { openSync, writeFileSync, mkdirSync, renameSync, rmSync, rmdirSync, fchmodSync, chmodSync } = fs;
  fs.openSync = (path, flags, mode) => {
    if (typeof flags === 'number' && (flags & fs.constants.O_CREAT) !== 0) at(`create ${String(path)}`);
    return openSync(path, flags, mode);
  };
  fs.writeFileSync = (file, data, options) => {
    const bytes = Buffer.from(data as string | Uint8Array);
    const first = bytes.subarray(0, Math.ceil(bytes.length / 2));
    at(`write ${String(file)}`);
    if (typeof file === 'number') {
      fs.writeSync(file, first);
      at('write the rest');
      writeFileSync(file, bytes.subarray(first.length));
      return;
    }
    writeFileSync(file, first, options);
    at(`write the rest of ${String(file)}`);
    append(file, bytes.subarray(first.length));
  };
  fs.rmSync = (path, options) => {
    if (fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true && options?.recursive === true)
      for (const name of fs.readdirSync(path)) fs.rmSync(join(String(path), name), options);
    if (fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined) at(`remove ${String(path)}`);
    rmSync(path, options);
  };
  fs.mkdirSync = ((path, options) => {
    if (!fs.existsSync(path)) at(`make ${String(path)}`);
    return mkdirSync(path, options);
  }) as typeof fs.mkdirSync;
  fs.renameSync = (from, to) => {
    at(`rename to ${String(to)}`);
    renameSync(from, to);
  };
  fs.rmdirSync = (path, options) => {
    at(`remove the folder ${String(path)}`);
    rmdirSync(path, options);
  };
  fs.fchmodSync = (fd, mode) => {
    at('give it its mode');
    fchmodSync(fd, mode);
  };
  fs.chmodSync = (path, mode) => {
    at(`give ${String(path)} its mode`);
    chmodSync(path, mode);
  };
  watchSignals(at);
  syncBuiltinESMExports();
}

/** Not by `appendFileSync`: that calls the `writeFileSync` that is counted. */
export function append(file: fs.PathLike, text: string | Uint8Array): void {
  const fd = fs.openSync(file, 'a');
  fs.writeSync(fd, Buffer.from(text as string));
  fs.closeSync(fd);
}

function watchSignals(at: (name: string) => void): void {
  const kill = process.kill.bind(process);
  process.kill = (pid, signal) => {
    if (signal !== 'SIGHUP') return kill(pid, signal);
    at('reload the engine');
    const done = kill(pid, signal);
    at('after the reload');
    return done;
  };
  const { spawnSync } = children;
  children.spawnSync = ((program: string, argv: readonly string[], options: SpawnSyncOptions) => {
    if (program !== '/usr/sbin/service') return spawnSync(program, argv, options);
    at('restart the engine');
    const done = spawnSync(program, argv, options);
    at('after the restart');
    return done;
  }) as typeof children.spawnSync;
}
