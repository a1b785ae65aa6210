import type { NodeSpec, PreflightCheck } from '../../preload/contract/node.ts';
import type { Problem } from '../../preload/contract/problem.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import { upstreamOf } from '../fleet/upstreams.ts';
import type { PreflightFacts, UpstreamReach } from './preflight-facts.ts';

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;
/** Five mirrors, the twin and the edge idle at about 345 MB; below this a rush of pulls meets the kernel's memory killer. */
const memoryNeeded = 480 * mebibyte;
const memoryAdvised = 900 * mebibyte;
/** The two images unpacked, and a little cache. */
const diskNeeded = 400 * mebibyte;
const diskAdvised = 5 * gibibyte;
/** One cached blob takes about five inodes. */
const inodesAdvised = 50_000;
/** Certificates begin to be refused; beyond this the difference is worth a word. Seconds. */
const skewAdvised = 60;
const skewRefused = 86_400;

const size = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;

type Finding = Omit<PreflightCheck, 'id' | 'label' | 'problem'> & { readonly problem?: Omit<Problem, 'retryable'> };

function check(id: string, label: string, { problem, ...finding }: Finding): PreflightCheck {
  return { id, label, ...finding, ...(problem === undefined ? {} : { problem: { ...problem, retryable: false } }) };
}

/** What was found: words that are the same in every language, or English beside the same as data. */
type Found = string | { readonly found: string; readonly saying: Saying };

const said = (found: string, code: string, values?: Saying['values']): Found => ({
  found,
  saying: values === undefined ? { code } : { code, values },
});
const words = (found: Found): { found: string; saying?: Saying } => (typeof found === 'string' ? { found } : found);
const ok = (found: Found): Finding => ({ state: 'ok', ...words(found) });
const warning = (found: Found, problem: Omit<Problem, 'retryable'>): Finding => ({
  state: 'warning',
  ...words(found),
  problem,
});
const failed = (found: Found, problem: Omit<Problem, 'retryable'>): Finding => ({
  state: 'failed',
  ...words(found),
  problem,
});
const notKnown = said('not known', 'not-known');

function system({ kernel, os, arch }: PreflightFacts): Finding {
  const found = [os || kernel, arch].filter(Boolean).join(', ');
  if (kernel !== 'Linux') {
    return failed(found, {
      code: 'system-unsupported',
      message: `A node needs Linux; this machine runs ${kernel || 'something unknown'}.`,
      hint: 'Choose a Linux machine for this node.',
    });
  }
  if (!['x86_64', 'amd64', 'aarch64', 'arm64'].includes(arch)) {
    return warning(found, {
      code: 'architecture-unusual',
      message: `The usual images exist for x86_64 and aarch64, not for ${arch}.`,
      hint: 'Set image references that exist for this architecture before you apply.',
    });
  }
  return ok(found);
}

function memory({ memory: bytes, cpus }: PreflightFacts): Finding {
  const text = `${size(bytes)}, ${cpus} CPU${cpus === 1 ? '' : 's'}`;
  const found = said(text, 'memory-and-cpus', { memoryBytes: bytes, cpus });
  if (bytes === 0) return ok(notKnown);
  if (bytes < memoryNeeded) {
    return failed(found, {
      code: 'memory-short',
      message: `The node needs about 400 MB of memory; this machine has ${size(bytes)} in all.`,
      hint: 'Serve fewer upstreams (--upstream docker.io), add memory, or choose another machine.',
    });
  }
  if (bytes < memoryAdvised) {
    return warning(found, {
      code: 'memory-tight',
      message: `With ${size(bytes)} of memory the node runs, but many pulls at once may exhaust it.`,
      hint: 'Serve fewer upstreams or add a swap file.',
    });
  }
  return ok(found);
}

function disk({ disk: space, place }: PreflightFacts): Finding {
  if (space === undefined) return ok(notKnown);
  const { free: freeBytes, total: totalBytes } = space;
  const text = `${size(freeBytes)} free of ${size(totalBytes)} (${place})`;
  const found = said(text, 'disk-free-of', { freeBytes, totalBytes, place });
  if (space.free < diskNeeded) {
    return failed(found, {
      code: 'disk-short',
      message: `The file system of ${place} has ${size(space.free)} free; the node needs ${size(diskNeeded)} before it caches anything.`,
      hint: 'Free some space, or choose a folder on a larger disk for this node (base).',
    });
  }
  if (space.free < diskAdvised) {
    return warning(found, {
      code: 'disk-tight',
      message: `The cache will fill ${size(space.free)} soon.`,
      hint: 'Prune it regularly (mirrorfleet cache prune), or choose a folder on a larger disk.',
    });
  }
  return ok(found);
}

function inodes({ inodes: nodes }: PreflightFacts): Finding {
  if (nodes === undefined) return ok(said('not limited', 'not-limited'));
  const { free, total } = nodes;
  const found = said(`${free} free of ${total}`, 'free-of', { free, total });
  if (nodes.free < inodesAdvised) {
    return warning(found, {
      code: 'inodes-short',
      message: `A cached layer takes about five inodes; ${nodes.free} are left.`,
      hint: 'Remove many small files there, or choose another file system for this node (base).',
    });
  }
  return ok(found);
}

function rights({ root, elevation }: PreflightFacts): Finding {
  if (elevation === undefined) return ok(root ? 'root' : said('as the login user', 'rights-of-login'));
  return failed(said('no', 'no-rights'), { ...elevation });
}

function engine({ docker, podman }: PreflightFacts, spec: NodeSpec): Finding {
  if (docker === undefined) {
    return failed(
      podman === undefined
        ? said('none', 'none-found')
        : said(`none (${podman} is not used)`, 'none-but-podman', { podman }),
      {
        code: 'engine-missing',
        message: `${spec.name} has no Docker.`,
        hint: `Let Mirrorfleet install the distribution's packages: mirrorfleet node apply ${spec.name} --install-engine`,
      },
    );
  }
  if (!/^\d/.test(docker)) {
    return failed(said('does not answer', 'does-not-answer'), {
      code: 'engine-stopped',
      message: `Docker is installed on ${spec.name} but does not answer.`,
      hint: 'Start it there: sudo systemctl start docker',
    });
  }
  if (Number.parseInt(docker, 10) < 20) {
    return warning(`Docker ${docker}`, {
      code: 'engine-old',
      message: `Docker ${docker} is older than 20.10, the oldest that was tried.`,
      hint: 'Upgrade Docker on that machine if the node does not start.',
    });
  }
  return ok(`Docker ${docker}`);
}

function composeProgram({ compose, docker }: PreflightFacts, spec: NodeSpec): Finding {
  if (compose !== undefined)
    return ok(`${compose.kind === 'plugin' ? 'docker compose' : 'docker-compose'} ${compose.version}`);
  return failed(said('none', 'none-found'), {
    code: 'compose-missing',
    message: docker === undefined ? `${spec.name} has no Compose either.` : `${spec.name} has Docker but no Compose.`,
    hint: `Let Mirrorfleet install the distribution's package: mirrorfleet node apply ${spec.name} --install-engine`,
  });
}

function port({ listeners, ownPorts }: PreflightFacts, spec: NodeSpec): Finding {
  if (listeners === undefined) return ok(said('not checked', 'not-checked'));
  if (listeners.length === 0) return ok(said('free', 'port-free'));
  if (new RegExp(`:${spec.port}->`).test(ownPorts)) return ok(said('used by this node', 'port-ours'));
  const who = /users:\(\("([^"]{1,40})"/.exec(listeners[0] ?? '')?.[1];
  return failed(who ? said(`taken by ${who}`, 'taken-by', { who }) : said('taken', 'taken'), {
    code: 'port-taken',
    message: `${who ?? 'Another program'} on ${spec.name} listens on port ${spec.port} already.`,
    hint: `Stop it there, or give the node another port: mirrorfleet node add ${spec.name} … --port 8443`,
  });
}

function clock({ skewSeconds }: PreflightFacts): Finding {
  if (skewSeconds === undefined) return ok(notKnown);
  const off = Math.abs(skewSeconds);
  const ahead = skewSeconds > 0;
  const text = off === 0 ? 'agrees' : `${off} s ${ahead ? 'ahead' : 'behind'}`;
  const found =
    off === 0 ? said(text, 'clock-agrees') : said(text, ahead ? 'clock-ahead' : 'clock-behind', { offMs: off * 1000 });
  if (off <= skewAdvised) return ok(found);
  const problem = {
    code: 'clock-skewed',
    message: `The server's clock is ${text} of this computer's; certificates and tokens depend on it.`,
    hint: 'Turn on time synchronisation on the one that is wrong: sudo timedatectl set-ntp true',
  };
  return off > skewRefused ? failed(found, problem) : warning(found, problem);
}

function reach(upstream: string, found: UpstreamReach | undefined): Finding {
  if (found === undefined || found.tool === 'none')
    return ok(said('not checked (no curl, openssl or bash there)', 'reach-not-checked'));
  if (found.tool === 'curl' && found.exit === 0) {
    const status = /(\d{3})$/.exec(found.words)?.[1] ?? '000';
    return status === '429'
      ? warning(said('answers 429', 'answers-status', { status }), {
          code: 'upstream-limits',
          message: `${upstream} counts too many requests from this server's address.`,
          hint: 'Wait for its window to pass; the node works meanwhile with what it has cached.',
        })
      : ok(
          status === '401' || status === '200'
            ? said('reachable', 'reachable')
            : said(`reachable (answers ${status})`, 'reachable-with', { status }),
        );
  }
  if (found.exit === 0) return ok(found.tool === 'tcp' ? said('TCP open', 'tcp-open') : said('TLS works', 'tls-works'));
  const trust = found.exit === 60 || /certificate|verify error/i.test(found.words);
  const answer = trust
    ? said('certificate not trusted', 'certificate-not-trusted')
    : said('unreachable', 'not-reachable');
  return warning(answer, {
    code: trust ? 'upstream-untrusted' : 'upstream-unreachable',
    message: trust
      ? `The server does not trust the certificate of ${upstream}: something between may read along, or its list of authorities is old.`
      : `${upstream} cannot be reached from this server.`,
    hint: trust
      ? 'Compare from another network; update ca-certificates there. The mirror uses its own image’s list.'
      : `Allow outgoing HTTPS to ${found.address}, or leave this upstream out with --upstream.`,
    detail: { answer: found.words || `exit ${found.exit}` },
  });
}

function selinux({ selinux: mode }: PreflightFacts): Finding {
  if (mode !== 'Enforcing') return ok(mode ?? said('none', 'none-found'));
  return warning('Enforcing', {
    code: 'selinux-enforcing',
    message: 'SELinux enforces here; whether it lets containers read the node’s folder was never tried.',
    hint: 'If a container cannot read its files, run there: sudo chcon -Rt container_file_t on the node’s folder.',
  });
}

/** Host and port where an upstream's API lives. */
export function upstreamAddress(name: string): { host: string; port: string } {
  const url = new URL(upstreamOf(name).registry);
  return { host: url.hostname, port: url.port || '443' };
}

/** The checks of a machine, in the order a person reads them. Pure. */
export function judgePreflight(facts: PreflightFacts, spec: NodeSpec): PreflightCheck[] {
  return [
    check('system', 'System', system(facts)),
    check('rights', 'Rights', rights(facts)),
    check('memory', 'Memory', memory(facts)),
    check('disk', 'Disk', disk(facts)),
    check('inodes', 'Inodes', inodes(facts)),
    check('engine', 'Engine', engine(facts, spec)),
    check('compose', 'Compose', composeProgram(facts, spec)),
    check('port', `Port ${spec.port}`, port(facts, spec)),
    check('clock', 'Clock', clock(facts)),
    check('selinux', 'SELinux', selinux(facts)),
    ...spec.upstreams.map((name) => {
      const { host, port: number } = upstreamAddress(name);
      return check(
        `upstream:${name}`,
        name,
        reach(
          name,
          facts.upstreams.find((each) => each.address === `${host}:${number}`),
        ),
      );
    }),
  ];
}
