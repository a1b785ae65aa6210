import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { imageName } from '../../main/cache/image-name.ts';
import { cacheBytes, listCache, previewPrune, runPrune } from '../../main/cache/node-cache.ts';
import type { Host } from '../../main/hosts/host.ts';
import { connectSsh, lookAtHostKey } from '../../main/hosts/ssh-host.ts';
import { silentLog } from '../../main/log/log.ts';
import { Secret } from '../../main/log/secret.ts';
import { Tasks } from '../../main/tasks/tasks.ts';
import { type MachineName, catalogue } from '../lab/catalogue.ts';
import { type Lab, attachLab } from '../lab/lab.ts';

const spec = { name: 'tokyo', base: '/opt/mirrorfleet-cache-test' };
const hexOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const layer = 'a layer of 5000 bytes'.padEnd(5000, '.');
const manifest = JSON.stringify({ layers: [{ digest: `sha256:${hexOf(layer)}` }] });

/** Lays a cached image as a registry stores it, for two upstreams over one blob store. */
const lay = `set -e
cd / && rm -rf "$1" && mkdir -p "$1/data" "$1/registry" && cd "$1/data"
blob() { d=blobs/sha256/$(printf %.2s "$1")/$1; mkdir -p "$d"; printf %s "$2" > "$d/data"; }
blob "$2" "$3"; blob "$4" "$5"
for storage in docker.io ghcr.io; do
  r=$storage/docker/registry/v2/repositories/library/app
  mkdir -p "$r/_manifests/revisions/sha256/$2" "$r/_manifests/tags/1/current" "$r/_layers/sha256/$4"
  for link in "_manifests/revisions/sha256/$2" _manifests/tags/1/current; do printf "sha256:%s" "$2" > "$r/$link/link"; done
  printf "sha256:%s" "$4" > "$r/_layers/sha256/$4/link"
done
find . -name link -o -name data | xargs touch -d "2 hours ago"`;

let lab: Lab;
beforeAll(async () => {
  lab = await attachLab();
});

describe.each<MachineName>(['alpha', 'beta', 'gamma'])('the cache of the server %s, reached by SSH', (name) => {
  let host: Host;
  beforeAll(async () => {
    const machine = await lab.machine(name);
    const argv = ['sh', '-c', lay, 'sh', spec.base, hexOf(manifest), manifest, hexOf(layer), layer];
    await machine.mustExec(argv);
    const { user, address } = catalogue[name];
    const target = { destination: `${user}@${address}`, identityFile: lab.state.keyFile };
    const secrets = name === 'gamma' ? { sudoPassword: new Secret('pat-sudo-pw') } : {};
    const pins = new Map<string, string[]>();
    const trust = { secrets, log: silentLog, hostKeys: { pinned: (host: string) => pins.get(host) ?? [] } };
    const key = await lookAtHostKey(target, trust);
    pins.set(key.host, [key.fingerprint]);
    host = await connectSsh({ name, target, ...trust });
  });
  afterAll(async () => {
    const machine = await lab.machine(name);
    await machine.mustExec(['rm', '-rf', spec.base]);
    await host.close();
  });

  it('is listed in one round trip and pruned in two, as root whatever the login is', async () => {
    expect(await cacheBytes(host, spec)).toEqual({ bytes: 12_288, exact: true });
    let trips = host.roundTrips;
    const list = await listCache(host, spec);
    expect(host.roundTrips - trips).toBe(1);
    expect(list.images.map(imageName)).toEqual(['docker.io/library/app:1', 'ghcr.io/library/app:1']);
    expect(list).toMatchObject({ bytes: 12_288, blobs: 2 });
    const policy = { kind: 'images' as const, images: ['ghcr.io/library/app:1'] };
    expect(await previewPrune(host, spec, policy, { graceSeconds: 0 })).toMatchObject({ freedBytes: 0, blobs: 0 });
    trips = host.roundTrips;
    const tasks = new Tasks(() => {});
    const job = { kind: 'prune', subject: 'tokyo', title: 'Prune tokyo' } as const;
    const task = await tasks.run(job, async (context) => {
      await runPrune(host, spec, { kind: 'all' }, context, { graceSeconds: 0 });
    });
    expect(task).toMatchObject({ state: 'done', outcome: { images: 2, blobs: 2, freedBytes: 12_288 } });
    expect(host.roundTrips - trips).toBe(2);
    expect(await listCache(host, spec)).toMatchObject({ images: [], blobs: 0, bytes: 0 });
  });

  it('is said to be absent where there is no node', async () => {
    const nowhere = { name: 'osaka', base: '/opt/mirrorfleet-nowhere' };
    await expect(listCache(host, nowhere)).rejects.toMatchObject({ problem: { code: 'node-not-applied' } });
    await expect(cacheBytes(host, nowhere)).rejects.toMatchObject({ problem: { code: 'node-not-applied' } });
  });
});
