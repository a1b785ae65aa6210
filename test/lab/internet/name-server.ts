import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostsOf, packageHost, upstreams } from './upstreams.ts';

/**
 * The command line of the lab's name server. It knows the registries' names and those added by {@link addName};
 * anything else does not exist, said at once (without a name server every lookup waits for seconds).
 */
export function nameServerCommand(dir: string, address: string): readonly string[] {
  const names = [...upstreams.flatMap(hostsOf), packageHost];
  return [
    'dnsmasq',
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--user=root',
    '--pid-file=',
    '--no-resolv',
    '--no-hosts',
    '--bind-interfaces',
    `--listen-address=${address}`,
    '--local-ttl=5',
    ...names.map((name) => `--host-record=${name},${address}`),
    // Without an address this means: no such name, for everything not answered above.
    '--address=/#/',
    `--hostsdir=${namesFolder(dir)}`,
  ];
}

/** Makes `name` resolve to `address` within a moment: dnsmasq watches this folder. */
export async function addName(dir: string, name: string, address: string): Promise<void> {
  await mkdir(namesFolder(dir), { recursive: true });
  // dnsmasq skips names that end in "~".
  const draft = join(namesFolder(dir), `${name}~`);
  await writeFile(draft, `${address} ${name}\n`);
  await rename(draft, join(namesFolder(dir), name));
}

function namesFolder(dir: string): string {
  return join(dir, 'names');
}
