import { type ContainerdFacts, planContainerd } from '../../../main/runtimes/containerd-plan.ts';
import { hashOf } from '../../../main/runtimes/file-diff.ts';
import { withConfigPath } from '../../../main/runtimes/formats/containerd-config.ts';
import type { SeenFile } from '../../../main/runtimes/owned-files.ts';
import type { MirrorEndpoint } from '../../../main/runtimes/runtime.ts';
import type { SwitchRecord } from '../../../main/runtimes/switch-records.ts';
import { tokyo as anyTokyo } from './tokyo.ts';

export const tokyo: MirrorEndpoint = { ...anyTokyo, upstreams: ['docker.io', 'ghcr.io'] };
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const debian = bytesOf('version = 2\n');
export const ready = withConfigPath(debian);
export const facts = (more: Partial<ContainerdFacts> = {}): ContainerdFacts => ({
  config: debian,
  folders: new Map(),
  running: true,
  restartable: true,
  dockerFollows: false,
  unread: false,
  record: undefined,
  seen: new Map(),
  ...more,
});
export const config = '/etc/containerd/config.toml';
export const certs = '/etc/containerd/certs.d';

/** containerd following tokyo, switched from this config.toml. */
export function switched(original: Uint8Array, more: Partial<ContainerdFacts> = {}): ContainerdFacts {
  const on = planContainerd(['tokyo'], [tokyo], facts({ config: original }));
  const record: SwitchRecord = {
    state: 'switched',
    route: ['tokyo'],
    mirrors: [...on.ourMirrors],
    ...(on.original === undefined
      ? {}
      : { original: { path: config, bytes: Buffer.from(original).toString('base64') } }),
    files: Object.fromEntries(on.edits.map(({ path, bytes }) => [path, hashOf(bytes)])),
    interim: [],
    backups: [],
    folders: [],
    at: 0,
  };
  const seen = new Map<string, SeenFile>(
    on.edits
      .filter(({ path }) => path !== config)
      .map(({ path, bytes }) => [path, path.endsWith('.key') ? 'unreadable' : bytes]),
  );
  const folders = new Map(
    ['docker.io', 'ghcr.io'].map((name) => [
      name,
      { files: ['hosts.toml'], hosts: on.edits.find(({ path }) => path === `${certs}/${name}/hosts.toml`)?.bytes },
    ]),
  );
  return facts({ config: ready, record, seen, folders, ...more });
}
