import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import type { ImageName } from './image-identity.ts';
import type { NodeDirectory, NodeFile } from './render/node-files.ts';

/** What a node should hold. */
export interface Desired {
  readonly files: readonly NodeFile[];
  readonly directories: readonly NodeDirectory[];
}

/** Renders a node once its images' identities are known; pure. */
export type RenderNode = (identities: Readonly<Record<ImageName, string>>) => Desired;

export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The version an xDS file announces, which Envoy repeats as `version_text` once it took the file. */
export function announcedVersion(text: string): string | undefined {
  return /^\s*\{?\s*"?version_info"?\s*:\s*"?([^"\s,]+)"?/m.exec(text)?.[1];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON with sorted keys, so that two definitions that mean the same hash the same. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

/** The Compose services of a node, each with the hash of all a container starts from: its definition, the networks, the files it reads once. */
export function serviceHashes(files: readonly NodeFile[]): Record<string, string> {
  const compose = files.find((file) => file.role === 'compose');
  if (compose === undefined) return {};
  const project: unknown = parse(compose.text, { merge: true });
  if (!isRecord(project) || !isRecord(project['services'])) return {};
  const networks = canonical(project['networks'] ?? null);
  return Object.fromEntries(
    Object.entries(project['services']).map(([service, definition]) => {
      const read = configurationFiles(files, service).map((file) => `${file.path} ${sha256(file.text)}`);
      return [service, sha256([canonical(definition), networks, ...read].join('\n'))];
    }),
  );
}

/** The files a service reads only when it starts. */
export function configurationFiles(files: readonly NodeFile[], service: string): NodeFile[] {
  return files.filter((file) => file.service === service && (file.role === 'registry' || file.role === 'bootstrap'));
}
