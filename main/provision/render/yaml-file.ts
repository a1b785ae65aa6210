import { createHash } from 'node:crypto';
import { stringify } from 'yaml';

/** YAML with a comment on top that tells a stranger who wrote the file. Keys keep the order in which they were given. */
export function yamlFile(purpose: string, value: unknown): string {
  const header = [
    `# ${purpose}`,
    '# Written by Mirrorfleet. A change made by hand is shown as drift and taken back by the next apply.',
  ];
  // The programs that read these files follow YAML 1.1 or 1.2: what one of them would misread is quoted.
  const body = stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  return `${header.join('\n')}\n${body}`;
}

/** A short name for content: the same content has the same, wherever and whenever it is made. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

/** Envoy's file form of a set of resources. Its version is the content's hash, which Envoy repeats as `version_text` once it is live. */
export function discoveryFile(purpose: string, resources: readonly object[], version = contentHash(resources)): string {
  return yamlFile(purpose, { version_info: version, resources });
}
