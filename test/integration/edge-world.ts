import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createAuthority, issueServer } from '../../main/certificates/authority.ts';
import { mirrorService, twinService } from '../../main/fleet/node-layout.ts';
import { upstreamOf } from '../../main/fleet/upstreams.ts';
import { dataMount, envoyMount, registryUser } from '../../main/provision/render/container-paths.ts';
import type { NodeFilesInput } from '../../main/provision/render/node-files.ts';
import { renderDirectories, renderNodeFiles } from '../../main/provision/render/render-node-files.ts';

/** The node's address in the stand. */
export const address = 'mirror.example';

/** The mirrors' addresses in the stand's hosts file. */
export function serviceAddress(service: string, upstreams: readonly string[]): string {
  return `127.0.1.${service === twinService ? 1 : 2 + upstreams.map(mirrorService).indexOf(service)}`;
}

export async function writeNode(input: NodeFilesInput): Promise<void> {
  const { base } = input.layout;
  for (const each of renderDirectories(input)) {
    const path = join(base, each.path);
    if (each.target !== undefined) {
      await symlink(each.target, path);
      continue;
    }
    await mkdir(path);
    await chmod(path, each.mode);
    await chown(path, each.owner.uid, each.owner.gid);
  }
  for (const file of renderNodeFiles(input)) {
    const path = join(base, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.text);
    await chmod(path, file.mode);
    await chown(path, file.owner.uid, file.owner.gid);
  }
  await writeFile(join(base, 'ca.pem'), input.clientCa);
  await mkdir(join(base, 'output'), { mode: 0o777 });
  await chmod(join(base, 'output'), 0o777);
}

/** Certificates, configurations and names of the upstreams; a public authority of their own, as the real ones have. */
export async function prepareWorld(
  base: string,
  upstreams: readonly string[],
): Promise<{ HOSTS: string; WORLD: string }> {
  const world = join(base, 'world');
  await mkdir(world);
  const authority = await createAuthority();
  await writeFile(join(world, 'public-ca.pem'), authority.certificate);
  const hosts = [`127.0.0.1 localhost ${address}`, `127.0.1.1 ${twinService}`];
  for (const [index, id] of upstreams.entries()) {
    const upstream = upstreamOf(id);
    const names = [
      ...new Set([new URL(upstream.registry).host, upstream.tokenHost ?? new URL(upstream.registry).host]),
    ];
    const issued = await issueServer(authority, { names, days: 30 });
    const ip = `127.0.2.${index + 1}`;
    hosts.push(`${ip} ${names.join(' ')}`, `${serviceAddress(mirrorService(id), upstreams)} ${mirrorService(id)}`);
    await writeFile(join(world, `${id}.pem`), issued.chain);
    await writeFile(join(world, `${id}.key`), issued.key.reveal(), { mode: 0o644 });
    await mkdir(join(base, 'world-data', id), { recursive: true });
    await chown(join(base, 'world-data', id), registryUser.uid, registryUser.uid);
    const config = {
      version: 0.1,
      log: { level: 'warn' },
      storage: { filesystem: { rootdirectory: join(base, 'world-data', id) } },
      http: {
        addr: `${ip}:443`,
        tls: { certificate: `/etc/stand/${id}.pem`, key: `/etc/stand/${id}.key` },
        headers: { 'X-Upstream': [id], 'Ratelimit-Remaining': ['97;w=21600'] },
      },
    };
    await writeFile(join(world, `${id}.yml`), JSON.stringify(config));
  }
  await writeFile(join(world, 'hosts'), `${hosts.join('\n')}\n`);
  return { HOSTS: join(world, 'hosts'), WORLD: world };
}

/** Inside the new namespaces: the containers' paths over a copy-on-write /etc and /var, then wait for ever. */
export const enterWorld = `
mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
for folder in etc var; do
  mkdir -p /mnt/$folder/upper /mnt/$folder/work
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=/mnt/$folder/upper,workdir=/mnt/$folder/work" /$folder
done
mkdir -p ${envoyMount} /etc/stand ${dataMount}
mount --bind "$BASE/envoy" ${envoyMount}
mount --bind "$BASE/data" ${dataMount}
cp "$WORLD"/* /etc/stand/
touch /etc/stand/registry /etc/stand/envoy
mount --bind "$REGISTRY" /etc/stand/registry
mount --bind "$ENVOY" /etc/stand/envoy
cat "$HOSTS" >/etc/hosts
rm -f /etc/resolv.conf /etc/ssl/certs/ca-certificates.crt
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
cp "$WORLD/public-ca.pem" /etc/ssl/certs/ca-certificates.crt
ip link set lo up
sysctl -q -w net.ipv4.ip_unprivileged_port_start=0
echo ready
exec sleep infinity
`;
