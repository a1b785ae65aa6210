import type { Host } from './host.ts';

/** A host whose commands take another way; all else is the host's own. */
export function hostRunning(host: Host, run: Host['run']): Host {
  return {
    name: host.name,
    get roundTrips() {
      return host.roundTrips;
    },
    run,
    readFile: (path, options) => host.readFile(path, options),
    replaceFile: (path, bytes, options) => host.replaceFile(path, bytes, options),
    removeFile: (path, options) => host.removeFile(path, options),
    connect: (port, hostname) => host.connect(port, hostname),
    close: () => host.close(),
  };
}
