import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { runCommand, mustRun } from './command.ts';
import { withFileLock } from './file-lock.ts';

/** Debian's packages and what each is for. */
const packages: readonly string[] = [
  ...'iproute2 iptables util-linux e2fsprogs zstd dnsmasq-base openssl'.split(' '), // the machines and their network
  ...'mmdebstrap eatmydata dpkg-dev debian-archive-keyring busybox-static'.split(' '), // the machines' roots
  ...'docker.io docker-compose containerd runc podman buildah skopeo crun'.split(' '), // the laptop's engines
  ...'openssh-client openssh-server sshpass sudo pkexec polkitd dbus'.split(' '), // people and their rights
  ...'chromium fonts-inter fonts-wqy-microhei'.split(' '), // a real browser, and letters for both languages
  ...'bash-completion zsh fish'.split(' '), // their shells, for which there are completion scripts
  ...'libgtk-3-0 libnss3 libatspi2.0-0 libasound2 libnotify4 libxss1 libxtst6 libsecret-1-0'.split(' '), // what Electron loads
  ...'xvfb dbus-x11 gnome-keyring libglib2.0-bin python3-gi gir1.2-glib-2.0 imagemagick'.split(' '), // a desktop to run it on, seen and spoken to
  ...'gcc libc6-dev'.split(' '), // what an attacker builds his library with
  ...'libxml2-utils desktop-file-utils appstream'.split(' '), // judges of the files that a package installs
];

const policyFile = '/usr/sbin/policy-rc.d';
const way = 'The unit tests need none of this: npm run test:unit';

/** Something that a person has to do before the lab can run; the message says what. */
export class MissingPrerequisite extends Error {}

/**
 * Makes sure that this computer can run the lab: Linux, root, Debian's packages (installed here when missing, without
 * starting any service), Go and Python. Throws an error that names what is missing and the command to type.
 */
export async function ensurePrerequisites(): Promise<void> {
  if (process.platform !== 'linux')
    throw new MissingPrerequisite(`The lab needs Linux; this is ${process.platform}. ${way}`);
  if (process.getuid?.() !== 0) {
    const missing = await missingPackages();
    const install =
      missing.length === 0
        ? ''
        : ` Missing packages: sudo apt-get install --no-install-recommends ${missing.join(' ')}.`;
    throw new MissingPrerequisite(
      `The lab needs root (namespaces, mounts): repeat the command with sudo.${install} ${way}`,
    );
  }
  if (!existsSync('/usr/bin/apt-get'))
    throw new MissingPrerequisite(`The lab needs Debian's or Ubuntu's packages. ${way}`);
  await withFileLock('/var/tmp/mirrorfleet-lab/packages.lock', async () => {
    const missing = await missingPackages();
    if (missing.length > 0) await installQuietly(missing);
  });
  await Promise.all([
    requireTool('Go', ['go', 'version'], /go1\.(2[4-9]|[3-9]\d)/, 'install 1.24 or newer from https://go.dev/dl/'),
    requireTool('pip', ['python3', '-c', 'import pip; print("pip")'], /^pip/, 'apt-get install python3-pip'),
  ]);
}

/** For the end of a program: prints what a person has to do and returns exit code 69; throws any other failure on. */
export function explainFailure(cause: unknown): number {
  if (!(cause instanceof MissingPrerequisite)) throw cause;
  process.stderr.write(`${cause.message}\n`);
  return 69;
}

/** Those of {@link packages} that dpkg does not know as installed. */
export async function missingPackages(): Promise<readonly string[]> {
  const { stdout } = await runCommand([
    'dpkg-query',
    '--show',
    '--showformat',
    '${db:Status-Status} ${Package}\n',
    ...packages,
  ]);
  const installed = new Set(
    stdout
      .split('\n')
      .filter((line) => line.startsWith('installed '))
      .map((line) => line.slice(10)),
  );
  return packages.filter((name) => !installed.has(name));
}

/** While packages are unpacked, policy-rc.d forbids their services to start: no second Docker or sshd on somebody's computer. */
async function installQuietly(missing: readonly string[]): Promise<void> {
  process.stderr.write(`lab: installing ${missing.join(' ')}\n`);
  const kept = existsSync(policyFile) ? `${policyFile}.before-lab` : undefined;
  if (kept !== undefined) await rename(policyFile, kept);
  try {
    await writeFile(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await mustRun(['apt-get', 'update', '-qq'], { env });
    await mustRun(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
  } finally {
    if (kept === undefined) await rm(policyFile, { force: true });
    else await rename(kept, policyFile);
  }
}

async function requireTool(name: string, argv: readonly string[], expected: RegExp, source: string): Promise<void> {
  const result = await runCommand(argv).catch(() => undefined);
  if (result === undefined || !expected.test(result.stdout))
    throw new MissingPrerequisite(`The lab builds with ${name}, which is missing or too old: ${source}. ${way}`);
}
