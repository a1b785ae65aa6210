import { fail } from '../../preload/contract/problem.ts';

/** How an upstream was asked from the server, and what came of it. */
export interface UpstreamReach {
  readonly address: string;
  readonly tool: 'curl' | 'openssl' | 'tcp' | 'none';
  readonly exit: number;
  readonly words: string;
}

/** What the preflight found on a machine. Sizes in bytes, clock skew in seconds (positive: the server is ahead). */
export interface PreflightFacts {
  readonly root: boolean;
  readonly elevation?: { readonly code: string; readonly message: string; readonly hint: string };
  readonly kernel: string;
  readonly arch: string;
  readonly os: string;
  readonly cpus: number;
  readonly memory: number;
  readonly place: string;
  readonly disk?: { readonly total: number; readonly free: number };
  readonly inodes?: { readonly total: number; readonly free: number };
  readonly docker?: string;
  readonly compose?: { readonly kind: 'plugin' | 'standalone'; readonly version: string };
  readonly podman?: string;
  /** Who listens on the edge's port; undefined where that could not be found out. */
  readonly listeners?: readonly string[];
  readonly ownPorts: string;
  readonly selinux?: string;
  readonly skewSeconds?: number;
  readonly upstreams: readonly UpstreamReach[];
}

const longest = 64 * 1024;
const mostLines = 300;

function pair(text: string | undefined): { total: number; free: number } | undefined {
  const found = /^(\d{1,19})(?:\.\d+)?(?:e\+\d+)? (\d{1,19})(?:\.\d+)?(?:e\+\d+)?$/.exec(text ?? '');
  if (found === null) return undefined;
  const [total, free] = text?.split(' ').map(Number) ?? [];
  return total === undefined || free === undefined || total === 0 ? undefined : { total, free };
}

const count = (text: string | undefined): number =>
  /^\d{1,19}(?:\.\d+)?(?:e\+\d+)?$/.test(text ?? '') ? Number(text) : 0;

function reachOf(words: string): UpstreamReach | undefined {
  const found = /^([a-z0-9.-]{1,253}:\d{1,5}) (curl|openssl|tcp|none) (\d{1,3})(?: (.*))?$/.exec(words);
  if (found === null) return undefined;
  const [, address = '', tool, exit = '', rest = ''] = found;
  if (tool !== 'curl' && tool !== 'openssl' && tool !== 'tcp' && tool !== 'none') return undefined;
  return { address, tool, exit: Number(exit), words: printable(rest) };
}

/** A server's words, fit for a terminal: no control characters, at most 300 characters. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').slice(0, 300);
}

/**
 * The preflight's answer, read strictly and with bounds; what is missing is missing, what has no end is refused. `askedAt` and
 * `answeredAt` (ms since 1970, this computer) frame the server's clock. Problem `server-answer-unreadable`.
 */
export function parsePreflight(output: string, host: string, askedAt: number, answeredAt: number): PreflightFacts {
  const lines = output.slice(0, longest).split('\n');
  const start = lines.indexOf('preflight\t1');
  const end = lines.indexOf('end', start);
  if (start < 0 || end < 0 || end - start > mostLines) {
    fail({
      code: 'server-answer-unreadable',
      message: `${host} answered something that was not understood; nothing was changed.`,
      hint: 'A machine that runs POSIX sh with the usual tools is needed. Log in by hand and see what its shell says.',
    });
  }
  const words = new Map<string, string>();
  const listeners: string[] = [];
  const upstreams: UpstreamReach[] = [];
  for (const line of lines.slice(start + 1, end)) {
    const cut = line.indexOf('\t');
    if (cut < 0) continue;
    const [key, value] = [line.slice(0, cut), printable(line.slice(cut + 1))];
    if (key === 'listener') listeners.push(value);
    else if (key === 'upstream') upstreams.push(...[reachOf(value)].filter((each) => each !== undefined));
    else words.set(key, value);
  }
  const disk = pair(words.get('disk'));
  const inodes = pair(words.get('inodes'));
  const composeWords = /^(plugin|standalone) v?(\d[\w.+~-]{0,40})?/.exec(words.get('compose') ?? '');
  const clock = count(words.get('clock'));
  const [docker, podman, selinux] = [words.get('docker'), words.get('podman'), words.get('selinux')];
  return {
    root: words.get('uid') === '0',
    kernel: words.get('kernel') ?? '',
    arch: words.get('arch') ?? '',
    os: words.get('os') ?? '',
    cpus: count(words.get('cpus')),
    memory: count(words.get('memory')),
    place: words.get('place') ?? '',
    ...(disk ? { disk } : {}),
    ...(inodes ? { inodes } : {}),
    ...(docker === undefined ? {} : { docker: docker || 'stopped' }),
    ...(composeWords
      ? { compose: { kind: composeWords[1] === 'plugin' ? 'plugin' : 'standalone', version: composeWords[2] ?? '' } }
      : {}),
    ...(podman ? { podman } : {}),
    ...(words.has('ports') ? { listeners } : {}),
    ownPorts: words.get('ours') ?? '',
    ...(selinux ? { selinux } : {}),
    ...(clock > 0 ? { skewSeconds: skew(clock, askedAt, answeredAt) } : {}),
    upstreams,
  };
}

/** The clock was read, in whole seconds, somewhere between asking and answering: only what lies outside of that is skew. */
function skew(clock: number, askedAt: number, answeredAt: number): number {
  const [earliest, latest] = [Math.floor(askedAt / 1000), Math.ceil(answeredAt / 1000)];
  return clock < earliest ? clock - earliest : clock > latest ? clock - latest : 0;
}
