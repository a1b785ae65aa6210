import { join } from 'node:path';
import { listCache, previewPrune } from '../../main/cache/node-cache.ts';
import { hostRunning } from '../../main/hosts/host-running.ts';
import { localHost } from '../../main/hosts/local-host.ts';

/* Lists a big cache as the core does and prints how much memory that took. Argument: how many blobs the server holds. */

const here = localHost();
/** A server that answers the listing with that of a made-up cache, through a real program and a real pipe. */
const server = hostRunning(here, (command) =>
  here.run({
    ...command,
    argv: [process.execPath, join(import.meta.dirname, 'cache-many-listing.ts'), process.argv[2] ?? '1000'],
    input: '',
    elevated: false,
  }),
);
const before = process.memoryUsage().rss;
const began = performance.now();
const list = await listCache(server, { name: 'big' });
const listMs = performance.now() - began;
const afterList = process.resourceUsage().maxRSS * 1024;
const preview = await previewPrune(server, { name: 'big' }, { kind: 'to-size', bytes: list.bytes / 2 });
const peak = process.resourceUsage().maxRSS * 1024;
process.stdout.write(
  JSON.stringify({
    blobs: list.blobs,
    images: list.images.length,
    platforms: list.images[0]?.platforms,
    victims: preview.victims.length,
    listMs: Math.round(listMs),
    listBytes: afterList - before,
    bothBytes: peak - before,
  }),
);
