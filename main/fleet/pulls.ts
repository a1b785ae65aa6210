import type { Pull } from '../../preload/contract/history.ts';
import type { EdgeLogLine } from './edge-log.ts';

/** Requests of one client for one repository that are further apart than this (ms, from the end of one to the next) are two pulls. */
const apartMs = 30_000;
/** A client that went away before its answer ended has no status; this is what others call that. */
const clientLeft = 499;

/** What a request at the edge asks for: a manifest by tag, or a manifest or blob by digest. */
interface Asked {
  readonly repository: string;
  readonly reference: string;
  readonly byTag: boolean;
}

/** A pull that may go on. `onlyTags`: nothing but its tag was asked for yet. */
interface OpenPull extends Pull {
  readonly endsAt: number;
  readonly onlyTags: boolean;
}

/**
 * The edge's log folded into pulls, newest first: a pull begins with a tag (or, where an engine knew the digest, with that) and has all that
 * the same client then asks of the repository. Another tag, the same tag after something else, or a pause begins the next. What is no
 * request for content is left out. Lines may come in any order. Pure.
 */
export function foldPulls(lines: Iterable<EdgeLogLine>): Pull[] {
  const pulls: OpenPull[] = [];
  const open = new Map<string, OpenPull>();
  const close = (key: string): void => {
    const pull = open.get(key);
    if (pull) pulls.push(pull);
    open.delete(key);
  };
  for (const line of [...lines].toSorted((a, b) => beganAt(a) - beganAt(b))) {
    const asked = askedOf(line);
    if (!asked || !line.upstream) continue;
    const key = [line.client, line.peer, line.agent, line.upstream, asked.repository].join('\n');
    const before = open.get(key);
    if (before && !goesOn(before, line, asked)) close(key);
    open.set(key, withLine(open.get(key), line, asked, line.upstream));
  }
  for (const key of open.keys()) close(key);
  return pulls.toSorted((a, b) => b.at - a.at).map(({ endsAt: _endsAt, onlyTags: _onlyTags, ...pull }) => pull);
}

function goesOn(pull: OpenPull, line: EdgeLogLine, asked: Asked): boolean {
  if (beganAt(line) - pull.endsAt > apartMs) return false;
  return !asked.byTag || (pull.onlyTags && pull.reference === asked.reference);
}

function withLine(pull: OpenPull | undefined, line: EdgeLogLine, asked: Asked, upstream: string): OpenPull {
  const at = beganAt(line);
  const endsAt = Math.max(pull?.endsAt ?? 0, at + (line.duration ?? 0));
  const status = line.status === 0 ? clientLeft : line.status;
  const bytes = line.method === 'HEAD' ? 0 : (line.bytes ?? 0);
  if (pull) {
    return {
      ...pull,
      endsAt,
      ms: endsAt - pull.at,
      bytes: pull.bytes + bytes,
      requests: pull.requests + 1,
      status: Math.max(pull.status, status),
      onlyTags: pull.onlyTags && asked.byTag,
    };
  }
  return {
    at,
    endsAt,
    upstream,
    repository: asked.repository,
    reference: asked.reference,
    who: nameIn(line.peer),
    agent: line.agent ?? '',
    client: line.client ?? '',
    bytes,
    ms: endsAt - at,
    requests: 1,
    status,
    onlyTags: asked.byTag,
  };
}

const contentPath = /^\/v2\/([a-z0-9][a-z0-9._/-]*)\/(manifests|blobs)\/([^/?]+)/;

function askedOf({ method, upstreamPath }: EdgeLogLine): Asked | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const [, repository, kind, reference] = contentPath.exec(upstreamPath ?? '') ?? [];
  if (repository === undefined || reference === undefined) return undefined;
  return { repository, reference, byTag: kind === 'manifests' && !reference.includes(':') };
}

function beganAt(line: EdgeLogLine): number {
  return Date.parse(line.time);
}

/** The name in a certificate's subject as Envoy writes it (RFC 2253: `CN=laptop,O=…`, with a backslash before what is special). */
function nameIn(subject: string | null | undefined): string {
  const name = /(?:^|,)CN=((?:[^,\\]|\\.)*)/.exec(subject ?? '')?.[1];
  return name === undefined ? '' : name.replaceAll(/\\(.)/g, '$1');
}
