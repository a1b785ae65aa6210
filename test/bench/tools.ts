import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedBuild } from '../lab/cached-build.ts';
import { mustRun } from '../lab/command.ts';
import type { Machine } from '../lab/lab.ts';
import { rootfs } from '../lab/rootfs.ts';

const ansibleVersion = '2.18.19';

/**
 * A folder with ansible-core for the laptop's own Python, and everything it needs: `PYTHONPATH=FOLDER python3 FOLDER/bin/ansible-playbook`.
 * Not Debian's 2.14, whose modules do not run on a server's Python 3.13.
 */
export function ansibleFolder(): Promise<string> {
  return cachedBuild(`bench-ansible-${ansibleVersion}`, async (partial) => {
    const version = await mustRun(['/usr/bin/python3', '-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    const how = ['--quiet', '--only-binary=:all:', '--python-version', version.trim(), '--target', partial];
    await mustRun(['python3', '-m', 'pip', 'install', ...how, `ansible-core==${ansibleVersion}`]);
  });
}

/**
 * Puts Python (without which Ansible does nothing) and nginx on one of the lab's Debian 13 servers. A rented server mostly has the first;
 * the lab's are smaller. Neither is part of any figure.
 */
export async function bringTools(server: Machine): Promise<void> {
  const there = await server.exec(['sh', '-c', 'command -v python3 && command -v nginx']);
  if (there.code === 0) return;
  const archive = join(await serverTools(), 'tools.tar');
  await mustRun(['sh', '-ec', 'archive=$1; shift; exec "$@" <"$archive"', 'sh', archive, ...untar(server)]);
}

const untar = (server: Machine): readonly string[] => server.entering(['tar', '-xpf', '-', '-C', '/']);

/** What those packages add to a server of the lab: a folder with `tools.tar`, an archive of its root. */
export async function serverTools(): Promise<string> {
  const lower = await rootfs('engine');
  return cachedBuild('bench-server-tools-r1', async (partial) => {
    for (const part of ['upper', 'work', 'mount']) await mkdir(join(partial, part));
    const env = {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
      LANG: 'C.UTF-8',
    };
    await mustRun(['unshare', '--mount', '--propagation', 'private', 'bash', '-euc', install, 'install-tools'], {
      env: { ...env, LOWER: lower.join(':'), FOLDER: partial },
    });
    await mustRun(['rm', '-rf', ...['upper', 'work', 'mount'].map((part) => join(partial, part))]);
  });
}

const install = `
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$FOLDER/upper,workdir=$FOLDER/work" "$FOLDER/mount"
cd "$FOLDER/mount"
mount -t proc proc proc
mount --rbind /dev dev
cp /etc/resolv.conf etc/resolv.conf
printf '#!/bin/sh\\nexit 101\\n' >usr/sbin/policy-rc.d
chmod 755 usr/sbin/policy-rc.d
export DEBIAN_FRONTEND=noninteractive
chroot . apt-get update -qq
chroot . apt-get install -y -qq --no-install-recommends python3 nginx-light
chroot . apt-get clean
cd "$FOLDER/upper"
rm -rf var/lib/apt/lists etc/resolv.conf etc/systemd/system/multi-user.target.wants
tar -cf "$FOLDER/tools.tar" usr etc var
`;
