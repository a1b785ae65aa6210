import { fail } from '../../preload/contract/problem.ts';
import type { Host } from '../hosts/host.ts';
import type { StepReport } from '../tasks/tasks.ts';

/** Packages over a slow line take their time. Milliseconds. */
const installTimeout = 1_200_000;
/** A package manager talks faster than anybody reads. Milliseconds. */
const noteInterval = 500;

/**
 * Installs the distribution's own Docker and Compose on a Debian or Ubuntu. Prints `family`, then apt's output, then `engine` and a version. Compose v2 is
 * preferred where the distribution has it under that name; Debian 13 splits the client off as docker-cli. Other distributions: their id only.
 */
const installScript = String.raw`set -u
LC_ALL=C DEBIAN_FRONTEND=noninteractive; export LC_ALL DEBIAN_FRONTEND
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
ID= ID_LIKE=
[ ! -r /etc/os-release ] || . /etc/os-release
printf 'family %s %s\n' "$ID" "$ID_LIKE" | tr -cd 'A-Za-z0-9 ._\n-'
case " $ID $ID_LIKE " in *" debian "* | *" ubuntu "*) ;; *) exit 65 ;; esac
apt-get -q -o DPkg::Lock::Timeout=120 update </dev/null || exit 66
has() { apt-cache show --no-all-versions "$1" >/dev/null 2>&1 </dev/null; }
want=
command -v dockerd >/dev/null 2>&1 || { want=docker.io; has iptables && want="$want iptables"; }
command -v docker >/dev/null 2>&1 || { has docker-cli && want="$want docker-cli"; }
if ! docker compose version >/dev/null 2>&1 </dev/null && ! command -v docker-compose >/dev/null 2>&1; then
  if has docker-compose-v2; then want="$want docker-compose-v2"; else want="$want docker-compose"; fi
fi
if [ -n "$want" ]; then
  printf 'packages %s\n' "$want"
  apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends ca-certificates $want </dev/null || exit 67
fi
if command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ]; then systemctl enable --now docker </dev/null >/dev/null 2>&1
else service docker start </dev/null >/dev/null 2>&1; fi
n=0
until v=$(docker version --format '{{.Server.Version}}' 2>/dev/null </dev/null) && [ -n "$v" ]; do
  n=$((n + 1)); [ "$n" -lt 120 ] || exit 68
  sleep 0.5
done
printf 'engine %s\n' "$v"
`;

/** What a person types on a distribution whose packages we do not install ourselves; keys are os-release's ID. */
const byHand: Readonly<Record<string, string>> = {
  fedora: 'sudo dnf install -y moby-engine docker-compose && sudo systemctl enable --now docker',
  alpine: 'doas apk add docker docker-cli-compose && doas rc-update add docker default && doas service docker start',
  arch: 'sudo pacman -S --needed docker docker-compose && sudo systemctl enable --now docker',
  opensuse: 'sudo zypper install -y docker docker-compose && sudo systemctl enable --now docker',
};

/** The command for a distribution, from the `family` line; undefined where we know none. */
export function installCommandFor(family: string): string | undefined {
  const words = family.split(' ').map((word) => word.split('-')[0] ?? '');
  return words.flatMap((word) => byHand[word] ?? [])[0];
}

/**
 * Installs Docker and Compose from the distribution's packages and waits until the engine answers. Gives the engine's version.
 * Problems: `engine-install-unsupported` (with that distribution's own command), `engine-install-failed`, `engine-not-starting`.
 */
export async function installEngine(host: Host, report: StepReport, signal: AbortSignal): Promise<string> {
  let rest = '';
  let lastNote = 0;
  const result = await host.run({
    argv: ['sh', '-c', installScript],
    elevated: true,
    timeoutMs: installTimeout,
    signal,
    onOutput: (chunk) => {
      const lines = (rest + Buffer.from(chunk).toString('utf8')).split(/[\r\n]+/);
      rest = (lines.pop() ?? '').slice(-1000);
      const line = lines.findLast((each) => each.trim() !== '')?.trim();
      if (line === undefined || Date.now() - lastNote < noteInterval) return;
      lastNote = Date.now();
      report.note({ code: 'plain', values: { text: line.slice(0, 100) } });
    },
  });
  const version = /^engine (\S+)$/m.exec(result.stdout)?.[1];
  if (result.code === 0 && version !== undefined) return version;
  const output = `${result.stdout}\n${result.stderr}`.trim().slice(-3000);
  if (result.code === 65) {
    const family = /^family (.*)$/m.exec(result.stdout)?.[1]?.trim() ?? '';
    const command = installCommandFor(family);
    fail({
      code: 'engine-install-unsupported',
      message: `Mirrorfleet does not install packages on this distribution (${family || 'unknown'}); nothing was changed on ${host.name}.`,
      hint:
        command === undefined
          ? 'Install Docker and Compose there the way its distribution wants it, then apply again.'
          : `Run there: ${command}    then apply again.`,
    });
  }
  if (result.code === 68) {
    fail({
      code: 'engine-not-starting',
      message: `Docker was installed on ${host.name} but does not answer within a minute.`,
      hint: 'Look there at: sudo journalctl -u docker -n 50',
      detail: { output },
    });
  }
  fail({
    code: 'engine-install-failed',
    message: `The packages could not be installed on ${host.name} (${result.code === 66 ? 'apt-get update failed' : `exit ${result.code}`}).`,
    hint: 'The detail holds what apt said. Apply again when that is cured; installing goes on where it stopped.',
    retryable: true,
    detail: { output },
  });
}
