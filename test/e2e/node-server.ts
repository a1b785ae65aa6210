import type { Machine } from '../lab/lab.ts';

/** One service of a node as its engine sees it. */
export interface Running {
  readonly id: string;
  readonly startedAt: string;
  readonly pid: number;
}

const folder = '/opt/mirrorfleet';

/** Everything that runs on the server, by container name; empty where nothing does. */
export async function running(server: Machine): Promise<Record<string, Running>> {
  const ids = (await server.mustExec(['docker', 'ps', '-q'])).split('\n').filter(Boolean);
  if (ids.length === 0) return {};
  const format = '{{.Name}} {{.Id}} {{.State.StartedAt}} {{.State.Pid}}';
  const lines = (await server.mustExec(['docker', 'inspect', '-f', format, ...ids])).trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', id = '', startedAt = '', pid = '0'] = line.slice(1).split(' ');
      return [name.replace(/^mirrorfleet-(.*)-1$/, '$1'), { id, startedAt, pid: Number(pid) }];
    }),
  );
}

/** Resident memory of all the server's containers, file pages included and counted once a process, in MB. */
export async function residentMegabytes(server: Machine): Promise<number> {
  const pids = Object.values(await running(server)).map(({ pid }) => `/proc/${pid}/status`);
  const lines = await server.mustExec(['grep', '-h', 'VmRSS', ...pids]);
  return [...lines.matchAll(/\d+/g)].reduce((sum, [kilobytes]) => sum + Number(kilobytes), 0) / 1024;
}

/** Hashes of every file of the node that is not cache, log or the previous version of one; what an undo must bring back. */
export async function filesOf(server: Machine): Promise<string> {
  const script = `cd ${folder} 2>/dev/null || exit 0
    find . \\( -path ./data -o -path ./log -o -path ./.previous \\) -prune -o -type f -print0 | sort -z | xargs -0 -r sha256sum`;
  return server.mustExec(['sh', '-c', script]);
}

/** How many files of the node's cache hold that content. */
export async function copiesOf(server: Machine, digest: string): Promise<number> {
  const hex = digest.replace('sha256:', '');
  const found = await server.mustExec(['find', `${folder}/data`, '-type', 'f', '-path', `*/${hex}/data`]);
  return found.split('\n').filter(Boolean).length;
}

/** Makes packets to the edge vanish (or be refused) on their way in, as a provider's firewall does, until the returned function is called. */
export async function closePort(server: Machine, how: 'DROP' | 'REJECT'): Promise<() => Promise<void>> {
  // After Docker's address translation a packet carries the container's port.
  const reset = how === 'REJECT' ? ['--reject-with', 'tcp-reset'] : [];
  const rule = ['DOCKER-USER', '-p', 'tcp', '--dport', '8443', '-j', how, ...reset];
  await server.mustExec(['iptables', '-I', ...rule]);
  return async () => {
    await server.mustExec(['iptables', '-D', ...rule]);
  };
}

/** Whether somebody holds the node's lock. */
export async function isLocked(server: Machine): Promise<boolean> {
  return (await server.exec(['test', '-e', `${folder}/lock`])).code === 0;
}
