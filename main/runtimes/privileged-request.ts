/**
 * What the privileged helper takes as a request, which paths it may touch, and how it refuses. Part of the privileged program: `node:`
 * imports only.
 */
const authority = String.raw`(?:\[[0-9a-f:]{2,39}\]|[a-z0-9](?:[a-z0-9-]|\.(?!\.)){0,251}[a-z0-9]|[a-z0-9])(?::\d{1,5})?`;
/** The only paths that are ever written, on any request. */
const allowed: readonly RegExp[] = [
  /^\/etc\/docker\/daemon\.json$/,
  /^\/etc\/containerd\/config\.toml$/,
  new RegExp(
    String.raw`^/etc/(?:docker|containerd)/certs\.d/${authority}/(?:ca\.crt|client\.cert|client\.key|hosts\.toml)$`,
    'i',
  ),
];
/** `waiting`: requests that are not answered yet; who asks waits for each answer. */
export const limits = { lineBytes: 4 * 1024 * 1024, fileBytes: 1024 * 1024, files: 128, waiting: 16 };

export interface PlannedFile {
  readonly path: string;
  readonly expect: string;
  readonly bytes: Buffer | undefined;
  readonly mode: number;
}

export class Refusal extends Error {
  readonly code: string;
  readonly hint: string;
  constructor(code: string, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

export function refuse(code: string, message: string, hint = 'Preview the switch again.'): never {
  throw new Refusal(code, message, hint);
}

export const badRequest = (what: string): never =>
  refuse(
    'helper-request-refused',
    `The request was refused: ${what}. Nothing was changed.`,
    'Update Mirrorfleet; its parts do not match.',
  );
/** An object with exactly these keys. */
export function record(value: unknown, keys: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return badRequest('not an object');
  if (Object.keys(value).toSorted().join() !== keys.toSorted().join())
    return badRequest(`keys must be ${keys.join(', ')}`);
  return value as Readonly<Record<string, unknown>>;
}

export function text(value: unknown, shape: RegExp, name: string): string {
  return typeof value === 'string' && shape.test(value) ? value : badRequest(`bad ${name}`);
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) && value.length > 0 && value.length <= limits.files
    ? (value as unknown[])
    : badRequest('bad list');
}

export const backupId = (value: unknown): string => text(value, /^[a-z0-9][a-z0-9-]{7,63}$/, 'id');

export function allowedPath(value: unknown): string {
  return typeof value === 'string' && allowed.some((each) => each.test(value))
    ? value
    : badRequest('a path that is not ours to write');
}

export function plannedFile(value: unknown): PlannedFile {
  const file = record(value, ['path', 'expect', 'bytes', 'mode']);
  const path = allowedPath(file['path']);
  const encoded = file['bytes'];
  const bytes =
    encoded === null
      ? undefined
      : typeof encoded === 'string'
        ? Buffer.from(encoded, 'base64')
        : badRequest('bad bytes');
  if (bytes !== undefined && (bytes.toString('base64') !== encoded || bytes.length > limits.fileBytes))
    badRequest('bad bytes');
  const mode = file['mode'] === 0o600 || file['mode'] === 0o644 ? file['mode'] : badRequest('bad mode');
  return { path, expect: text(file['expect'], /^(?:absent|[0-9a-f]{64})$/, 'hash'), bytes, mode };
}
