import { mustRun } from './command.ts';
import { join } from 'node:path';
export interface Internet { readonly caFile: string }
export async function startInternet(o: { dir: string; switchPid: number; address: string; registryBinary: string; debDir?: string }): Promise<Internet> {
  const caFile = join(o.dir, 'ca.crt');
  await mustRun(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(o.dir, 'ca.key'), '-out', caFile, '-subj', '/CN=lab', '-days', '2']);
  const inside = ['nsenter', '-t', String(o.switchPid), '-n', '-p'];
  await mustRun([...inside, 'dnsmasq', '--no-resolv', '--no-hosts', `--listen-address=${o.address}`, '--bind-interfaces', '--pid-file=', '--user=root', `--address=/docker.io/${o.address}`, `--address=/debian.org/${o.address}`]);
  await mustRun(['sh', '-c', `cd ${o.debDir}; setsid ${inside.join(' ')} python3 -m http.server 80 >/dev/null 2>&1 </dev/null &`]);
  return { caFile };
}
export async function attachInternet(dir: string): Promise<Internet> { return { caFile: join(dir, 'ca.crt') }; }
