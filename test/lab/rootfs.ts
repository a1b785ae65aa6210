import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cachedBuild } from './cached-build.ts';
import { mustRun } from './command.ts';

/** `base` = Debian 13 without an engine; `engine` = the same with Docker 26 and Compose 2; `old` = Debian 12, Docker 20.10, Compose 1. */
export type RootfsName = 'base' | 'engine' | 'old';

/** Raise the number when the recipe below changes: the key is all that ties a cached folder to its recipe. */
const recipe = 'r1';

const systemPackages = [
  ...'ca-certificates iproute2 iputils-ping procps curl kmod openssh-server sudo openssl jq'.split(' '),
  ...'iptables nftables systemd-sysv dbus dbus-user-session libpam-systemd uidmap netbase'.split(' '),
];
const enginePackages = ['docker.io', 'docker-cli', 'docker-compose', 'docker-buildx', 'containerd', 'runc'];
const oldEnginePackages = ['docker.io', 'docker-compose', 'containerd', 'runc'];

/**
 * The folders whose overlay (first on top) is the root of a machine, as directories on disk: a machine then starts
 * without unpacking anything. About one minute each, once, and 0.2 to 0.6 GB.
 */
export async function rootfs(name: RootfsName): Promise<readonly string[]> {
  if (name === 'old') return [await old()];
  return name === 'base' ? [await base()] : [await engine(), await base()];
}

/**
 * A folder to be served as the root of `http://deb.debian.org/`: `debian/Packages` and the .deb files that a `base`
 * machine with `deb [trusted=yes] http://deb.debian.org/debian ./` needs for `apt-get install docker.io docker-compose`.
 */
export async function debPackages(): Promise<string> {
  return join(dirname(await engine()), 'packages');
}

async function base(): Promise<string> {
  const folder = await cachedBuild(`rootfs-base-${recipe}`, (partial) =>
    bootstrap('trixie', systemPackages, join(partial, 'root')),
  );
  return join(folder, 'root');
}

async function old(): Promise<string> {
  const folder = await cachedBuild(`rootfs-old-${recipe}`, (partial) =>
    bootstrap('bookworm', [...systemPackages, ...oldEnginePackages], join(partial, 'root')),
  );
  return join(folder, 'root');
}

async function engine(): Promise<string> {
  const lower = await base();
  const folder = await cachedBuild(`rootfs-engine-${recipe}`, async (partial) => {
    for (const part of ['upper', 'work', 'mount', 'packages/debian'])
      await mkdir(join(partial, part), { recursive: true });
    await mustRun(['unshare', '--mount', '--propagation', 'private', 'bash', '-euc', installEngine, 'install-engine'], {
      env: { ...cleanEnvironment(), LOWER: lower, FOLDER: partial, PACKAGES: enginePackages.join(' ') },
    });
    await mustRun(['rm', '-rf', join(partial, 'work'), join(partial, 'mount')]);
  });
  return join(folder, 'upper');
}

/** The downloaded packages are kept before apt's cleaning: they are the lab's Debian mirror. */
const installEngine = `
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$FOLDER/upper,workdir=$FOLDER/work" "$FOLDER/mount"
cd "$FOLDER/mount"
mount -t proc proc proc
mount --rbind /dev dev
cp /etc/resolv.conf etc/resolv.conf
export DEBIAN_FRONTEND=noninteractive
chroot . apt-get update -qq
chroot . apt-get install -y -qq --no-install-recommends -o APT::Keep-Downloaded-Packages=true $PACKAGES
cp var/cache/apt/archives/*.deb "$FOLDER/packages/debian/"
(cd "$FOLDER/packages/debian" && dpkg-scanpackages --multiversion . >Packages)
chroot . apt-get clean
rm -rf var/lib/apt/lists/*
`;

/**
 * A minimal Debian with systemd. eatmydata turns the hundreds of fsyncs of dpkg off (22 s against 51 s on a disk),
 * policy-rc.d keeps services from starting in the chroot, and host keys are removed so that each machine makes its own.
 */
async function bootstrap(suite: string, packages: readonly string[], target: string): Promise<void> {
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const essentialHook = `printf '#!/bin/sh\\nexit 101\\n' >"$1/usr/sbin/policy-rc.d"; chmod 755 "$1/usr/sbin/policy-rc.d"`;
  const customizeHook = [
    'for unit in console-getty.service apt-daily.timer apt-daily-upgrade.timer',
    'do ln -sf /dev/null "$1/etc/systemd/system/$unit"; done; rm -f "$1"/etc/ssh/ssh_host_*',
    'echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/lab"',
  ].join('; ');
  const command = [
    'eatmydata',
    'mmdebstrap',
    '--quiet',
    '--variant=minbase',
    '--mode=root',
    `--include=${packages.join(',')}`,
    ...(existsSync(keyring) ? [`--keyring=${keyring}`] : []),
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=APT::Install-Recommends "false"',
    ...['doc', 'man', 'locale'].map((part) => `--dpkgopt=path-exclude=/usr/share/${part}/*`),
    `--essential-hook=${essentialHook}`,
    `--customize-hook=${customizeHook}`,
    suite,
    target,
  ];
  await mustRun(command, { env: cleanEnvironment() });
}

/** Certificate variables of the host name files that do not exist inside a fresh root. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' };
}
