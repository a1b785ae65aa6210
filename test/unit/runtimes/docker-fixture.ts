import { type DockerFacts, planMirrors } from '../../../main/runtimes/docker-plan.ts';
import { hashOf } from '../../../main/runtimes/file-diff.ts';
import type { SeenFile } from '../../../main/runtimes/owned-files.ts';
import type { MirrorEndpoint } from '../../../main/runtimes/runtime.ts';
import type { SwitchRecord } from '../../../main/runtimes/switch-records.ts';
import { tokyo as anyTokyo } from './tokyo.ts';

export const tokyo: MirrorEndpoint = { ...anyTokyo, authority: '203.0.113.11:443', upstreams: ['docker.io'] };
export const osaka: MirrorEndpoint = {
  ...tokyo,
  node: 'osaka',
  authority: 'osaka.example:8443',
  upstreams: ['docker.io', 'quay.io'],
};
export const file = '/etc/docker/daemon.json';
export const url = 'https://203.0.113.11:443';
export const folder = '/etc/docker/certs.d/203.0.113.11:443';
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);
export const facts = (more: Partial<DockerFacts> = {}): DockerFacts => ({
  file,
  current: undefined,
  live: [],
  record: undefined,
  seen: new Map(),
  ...more,
});

/** Docker following tokyo, switched from `original`; the key is root's. */
export function switched(original: string | undefined, more: Partial<DockerFacts> = {}): DockerFacts {
  const before = original === undefined ? undefined : bytesOf(original);
  const on = planMirrors(['tokyo'], [tokyo], facts({ current: before }));
  const written = on.edits.find(({ path }) => path === file)?.bytes;
  const record: SwitchRecord = {
    state: 'switched',
    route: ['tokyo'],
    mirrors: [url],
    original: { path: file, bytes: original === undefined ? null : Buffer.from(original).toString('base64') },
    files: Object.fromEntries(on.edits.map(({ path, bytes }) => [path, hashOf(bytes)])),
    interim: [],
    backups: ['docker-1'],
    folders: [],
    at: 0,
  };
  const seen = new Map<string, SeenFile>(
    on.edits.map(({ path, bytes }) => [path, path.endsWith('.key') ? 'unreadable' : bytes]),
  );
  return facts({ current: written, live: on.expectedMirrors, record, seen, ...more });
}
